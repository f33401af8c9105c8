//! Whatever is done to the log behind the program's back is found.

use titian_sync::wire::extension::AuditEnd;

use super::*;

const NOW: UnixMillis = UnixMillis(1_774_000_000_000);

fn log_of(rows: u8) -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(AUDIT_MIGRATION.sql).unwrap();
    connection.execute_batch(AUDIT_ENDS_MIGRATION.sql).unwrap();
    let tx = connection.transaction().unwrap();
    for number in 0..rows {
        let complaint = (number % 3 == 0).then(|| ComplaintId::new(NOW, [number; 10]));
        let entry = Entry {
            at: NOW.plus_millis(number.into()),
            who: "siti.rahmah",
            deed: Deed::IdentityShown,
            complaint,
            detail: "transcribe",
        };
        note(&tx, entry).unwrap();
    }
    tx.commit().unwrap();
    connection
}

/// Does to the file what somebody with a tool for databases can do.
fn touched(connection: &Connection, sql: &str) -> Result<Head, Finding> {
    connection
        .execute_batch("DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_shortened;")
        .unwrap();
    connection.execute_batch(sql).unwrap();
    verify(connection, &[]).unwrap()
}

#[test]
fn an_untouched_log_ends_where_it_says() {
    for rows in [0, 1, 7] {
        let connection = log_of(rows);
        let end = verify(&connection, &[]).unwrap().unwrap();
        assert_eq!(end, head(&connection).unwrap());
        assert_eq!(end.number, u64::from(rows));
        assert_eq!(end.to_string().parse::<Head>().unwrap(), end);
    }
}

#[test]
fn a_row_that_was_touched_is_found() {
    for (sql, finding) in [
        ("UPDATE audit SET at = at + 1 WHERE number = 4", Finding::Changed(4)),
        ("UPDATE audit SET who = 'budi' WHERE number = 4", Finding::Changed(4)),
        (
            "UPDATE audit SET deed = 'signed-in' WHERE number = 4",
            Finding::Changed(4),
        ),
        (
            "UPDATE audit SET complaint = NULL WHERE number = 4",
            Finding::Changed(4),
        ),
        (
            "UPDATE audit SET detail = 'contact' WHERE number = 4",
            Finding::Changed(4),
        ),
        (
            "UPDATE audit SET chain = zeroblob(32) WHERE number = 4",
            Finding::Changed(4),
        ),
        // A letter that moves from one column to the next.
        (
            "UPDATE audit SET deed = deed || 't', detail = 'ranscribe' WHERE number = 4",
            Finding::Changed(4),
        ),
        ("DELETE FROM audit WHERE number = 4", Finding::Missing(4)),
        ("DELETE FROM audit WHERE number = 1", Finding::Missing(1)),
        ("DELETE FROM audit WHERE number > 5", Finding::Missing(6)),
        ("DELETE FROM audit", Finding::Missing(1)),
        ("UPDATE audit_head SET number = 5", Finding::TooLong(6)),
        ("UPDATE audit_head SET chain = zeroblob(32)", Finding::Changed(7)),
        ("DELETE FROM audit_head", Finding::TooLong(1)),
        (
            "UPDATE audit SET number = 100 WHERE number = 4; UPDATE audit SET number = 4 WHERE number = 5;
             UPDATE audit SET number = 5 WHERE number = 100",
            Finding::Changed(4),
        ),
    ] {
        assert_eq!(touched(&log_of(7), sql), Err(finding), "{sql}");
    }
}

#[test]
fn a_chain_made_anew_is_found_by_what_was_noted_elsewhere() {
    let noted = head(&log_of(7)).unwrap();
    // Shorter, with its head made to fit.
    let shorter = log_of(5);
    assert!(verify(&shorter, &[]).unwrap().is_ok());
    assert_eq!(verify(&shorter, &[noted]).unwrap(), Err(Finding::Missing(6)));
    // As long, and another one.
    let mut other = log_of(6);
    let tx = other.transaction().unwrap();
    let entry = Entry {
        at: NOW,
        who: "budi",
        deed: Deed::SignedIn,
        complaint: None,
        detail: "",
    };
    note(&tx, entry).unwrap();
    note(&tx, entry).unwrap();
    tx.commit().unwrap();
    assert!(verify(&other, &[]).unwrap().is_ok());
    assert_eq!(verify(&other, &[noted]).unwrap(), Err(Finding::Elsewhere(7)));
    // The same, and longer.
    let longer = log_of(9);
    assert!(verify(&longer, &[noted]).unwrap().is_ok());
}

#[test]
fn the_program_itself_can_neither_change_nor_remove_a_row() {
    let connection = log_of(3);
    for sql in ["UPDATE audit SET who = 'budi'", "DELETE FROM audit WHERE number = 3"] {
        let error = connection.execute_batch(sql).unwrap_err().to_string();
        assert!(error.contains("never"), "{error}");
    }
    assert!(verify(&connection, &[]).unwrap().is_ok());
}

#[test]
fn rows_are_found_by_who_what_when_and_complaint() {
    let connection = log_of(7);
    let numbers = |filter: Filter| {
        let limit = 3;
        let rows = list(&connection, &Filter { limit, ..filter }).unwrap();
        rows.iter().map(|row| row.number).collect::<Vec<_>>()
    };
    assert_eq!(numbers(Filter::default()), [7, 6, 5]);
    let complaint = Some(ComplaintId::new(NOW, [3; 10]));
    assert_eq!(
        numbers(Filter {
            complaint,
            ..Filter::default()
        }),
        [4]
    );
    let since = Some(NOW.plus_millis(5));
    assert_eq!(
        numbers(Filter {
            since,
            ..Filter::default()
        }),
        [7, 6]
    );
    for (who, deed, count) in [
        (Some("siti.rahmah"), None, 3),
        (Some("budi"), None, 0),
        (None, Some("identity-shown"), 3),
        (None, Some("signed-in"), 0),
    ] {
        let (who, deed) = (who.map(str::to_owned), deed.map(str::to_owned));
        assert_eq!(
            numbers(Filter {
                who,
                deed,
                ..Filter::default()
            })
            .len(),
            count
        );
    }
}

#[test]
fn an_end_is_told_until_it_is_heard_and_each_of_others_is_kept_once() {
    let (hub, device) = (1, 3);
    let mut connection = log_of(0);
    assert_eq!(unheard(&connection, hub).unwrap(), None, "nothing was done yet");
    let mut connection_with = |work: &dyn Fn(&Transaction<'_>)| {
        let tx = connection.transaction().unwrap();
        work(&tx);
        tx.commit().unwrap();
        unheard(&connection, hub).unwrap()
    };
    let end = connection_with(&|tx| one_more(tx)).unwrap();
    assert_eq!(connection_with(&|tx| heard(tx, hub, end).unwrap()), None);
    let other = |rows, chain| AuditEnd {
        rows,
        chain: [chain; 32],
    };
    let told = connection_with(&|tx| {
        for at in [1, 2] {
            keep(tx, device, other(5, 1), UnixMillis(at)).unwrap();
        }
        // From a stick, made before: nothing is concluded.
        keep_late(tx, device, other(4, 9), UnixMillis(3)).unwrap();
        keep_late(tx, device, other(6, 2), UnixMillis(4)).unwrap();
    });
    assert_eq!(told, None, "what others tell is no row of this log");
    let kept: Vec<_> = kept(&connection)
        .unwrap()
        .into_iter()
        .map(|end| (end.head.number, end.at.0))
        .collect();
    assert_eq!(kept, [(6, 4), (5, 1)]);
}

#[test]
fn a_log_of_another_that_is_set_back_or_rewritten_is_noted() {
    for (rows, chain) in [(4, 1), (5, 2)] {
        let mut connection = log_of(1);
        let tx = connection.transaction().unwrap();
        keep(
            &tx,
            3,
            AuditEnd {
                rows: 5,
                chain: [1; 32],
            },
            NOW,
        )
        .unwrap();
        keep(
            &tx,
            3,
            AuditEnd {
                rows,
                chain: [chain; 32],
            },
            NOW,
        )
        .unwrap();
        tx.commit().unwrap();
        let last = list(
            &connection,
            &Filter {
                limit: 1,
                ..Filter::default()
            },
        )
        .unwrap()
        .remove(0);
        assert_eq!((last.number, last.deed.as_str()), (2, Deed::OtherLogSetBack.code()));
        assert_eq!(last.detail, format!("of device 3: 5 rows before, {rows} now"));
    }
}

#[test]
fn a_gateway_that_sets_its_log_back_with_each_request_does_not_fill_ours() {
    let day = 24 * 3_600_000;
    let mut connection = log_of(0);
    let tx = connection.transaction().unwrap();
    for (rows, at) in [(9, 0), (5, 1), (3, 2), (8, 3), (7, 4), (6, day + 5)] {
        let end = AuditEnd { rows, chain: [1; 32] };
        keep(&tx, 3, end, NOW.plus_millis(at)).unwrap();
    }
    tx.commit().unwrap();
    let noted = list(
        &connection,
        &Filter {
            limit: 9,
            ..Filter::default()
        },
    )
    .unwrap();
    assert_eq!(noted.len(), 2, "once a day: {noted:?}");
}

fn one_more(tx: &Transaction<'_>) {
    let entry = Entry {
        at: NOW,
        who: BY_ITSELF,
        deed: Deed::Enrolled,
        complaint: None,
        detail: "",
    };
    note(tx, entry).unwrap();
}
