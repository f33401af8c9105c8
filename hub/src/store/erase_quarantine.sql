-- What is put aside is forgotten too, whether the order to erase it comes before or after it.
CREATE TRIGGER quarantine_forgets AFTER INSERT ON item WHEN NEW.kind = 4
BEGIN
    UPDATE quarantine SET body = NULL WHERE hash = NEW.body AND kind = 3;
END;
CREATE TRIGGER quarantine_takes_nothing_erased AFTER INSERT ON quarantine WHEN NEW.kind = 3
BEGIN
    UPDATE quarantine SET body = NULL WHERE number = NEW.number AND EXISTS (
        SELECT 1 FROM item WHERE item.complaint = NEW.complaint AND item.kind = 4 AND item.body = NEW.hash
    );
END;
