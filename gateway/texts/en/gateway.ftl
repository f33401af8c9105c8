## Menu
nav-list = Work list
nav-record = Record a complaint
nav-import = Import a register
nav-sync = Sync

## Common words
yes = Yes
no = No
untold = not filled in
untitled = (no title)
today = today
choose-none = – choose –
not-enrolled = This gateway does not know yet which office it stands in.
not-enrolled-next = Open the main page and type the enrolment code from the administrator.
not-enrolled-keep-typed = Not saved: this gateway does not know yet which office it stands in. Open the main page in another tab, type the enrolment code, then come back here and save again. What you typed is still there.
refused-next = Go back to the complaint to see the steps that are open.

## Work list
list-heading = Work list
list-record = Record a new complaint
list-sync-link = See sync
list-todo = To do now
list-urgent = soon
list-complaints = All complaints
list-search = Search
list-search-hint = number, title, text, name
list-search-button = Search
warning-search-forgotten = That search is no longer kept. Type it again in the search box.
list-stage = Stage
list-stage-all = All stages
list-show-all = Show all
list-col-register = Register number
list-col-title = Title
list-col-stage = Stage
list-col-due = Due
list-col-delivery = Delivery
list-empty = No complaints yet. Press “Record a new complaint” when somebody comes, or import the register that you have.
list-nothing-found = No complaint fits. Search for fewer words, or choose “Show all”.
list-pages = Pages of the list
list-newest = « Newest
list-older = Older »
todo-complete = To complete and verify
todo-forward = Ready to forward
todo-reverify = Verify again
todo-returned = Returned
todo-waiting = Waiting for the complainant
todo-overdue = Overdue
flag-reverify = verify again
flag-conflict = values differ
flag-unmerged = data incomplete
flag-anonymous = anonymous
flag-confidential = confidential
due-at = due { $when }
due-overdue = overdue since { $when }
due-paused = waiting for the complainant
due-none = –

## Delivery
delivery-heading = How far this complaint has been delivered
delivery-saved = Saved here
delivery-at-hub = Received by the hub
delivery-accepted = Accepted by the liaison
delivery-in-lapor = In LAPOR
delivery-refused = Not taken by the hub
delivery-not-yet = not yet

## Record and change a complaint
record-heading = Record a complaint
amend-heading = Change a complaint
amend-stale = This page started from a state of the complaint that this computer does not know. What you typed is still below: compare it with the complaint as it is, then save again.
form-save = Save
form-cancel = Cancel
form-not-saved = Not saved yet. Mend these fields; everything else stays as you typed it.
form-nothing-required = Save at any time, even if it is not complete. After saving, the complaint's page lists what is still missing.
form-part-receipt = Receipt
form-part-reporter = Reporter
form-part-substance = What the complaint says
form-part-answer = If it is resolved already
form-open-reporter = Show and change the reporter
form-find-region = Find region
reporter-name = Name
reporter-nik = NIK
reporter-phone = Phone or WhatsApp
reporter-email = Email
reporter-address = Address
region-search = Another region
region-found = Found
kind-in-scope = No, this report is for LAPOR
hint-channel = How it reached the office.
hint-received = Deadlines run from here.
hint-classification = As on LAPOR's form.
hint-name = As on the identity card.
hint-email = Such as name@provider.id.
hint-region = Villages of this district first.
hint-category = As in LAPOR's list.
hint-nik = The 16 digits on the identity card. May be empty.
hint-phone = Such as 0812-3456-7890.
hint-why-nameless = Only if there is no name.
hint-why-unreachable = Only if there is no phone, email or postal address.
hint-anonymous = The reporter's name is hidden from the public and from the institution. The report itself can still be read.
hint-confidential = The report itself is hidden from the public. May be chosen together with anonymous.
hint-title = One short sentence, at most 255 characters, without name or NIK.
hint-narrative = What happened, in the reporter's words. Do not write the reporter's name or NIK here.
hint-event-date = Such as 9/3/2026 (day first), or “since early March”.
hint-place = Such as RT 4, near the prayer house.
hint-region-search = If it is not in the list: type a region's name or code, then press “Find region”.
hint-institution = Such as Dinas Pekerjaan Umum dan Penataan Ruang.
hint-out-of-scope = LAPOR does not take criminal cases, corruption, legislation and reports by insiders.
hint-answer = What has been done. This answer goes into LAPOR too.
hint-names = The text mentions { $kinds }. The institution reads the text, and the public too unless it is confidential. Where handling it does not need that, write it without: the reporter's data have a place of their own.
hint-scope = The text mentions something that may be “{ $kind }”, which LAPOR does not take. If so, choose the kind under “Outside LAPOR's scope” and refer the reporter to the body in charge.
hint-received-later = The date of receipt is later than this computer's clock. Check the date, or the clock.
error-channel = Choose a channel from the list.
error-received = Fill in date and time, such as 9/3/2026 10:15 (day first).
error-event-date = There is no such date in the calendar. Write day/month/year, such as 9/3/2026, or tell it in words.
error-region = This region code is not known. Choose from the list.
error-region-unknown = No region has this name or code. Check the spelling, or leave it empty and tell the place in words.
error-region-several = { $count } regions fit. Choose one under “Found” in this list.
error-email = An email address looks like name@provider.id, without spaces.
error-too-long = “{ $field }” is too long: at most { $max } characters. Shorten it and save again.
error-outcome = Choose why it is closed.
error-note-blank = This is still empty. Fill it in and send again.
error-note-long = Too long: at most { $max } characters. Shorten it and send again.

## A complaint's page
detail-heading = Complaint { $register }
detail-next = Next step
detail-missing = Still missing before it can be verified:
detail-complete = Nothing is missing.
detail-fields = What the complaint says
detail-reporter = Reporter
detail-timeline = What happened
detail-deadlines = Deadlines
detail-hints = To be checked (nothing is held up by it):
detail-returned = Returned by the liaison.
detail-returned-missing = To be mended:
detail-returned-next = Complete the complaint, verify it again if its text changed, then forward it again.
detail-reverify = The text changed after it was verified. Check it and verify it again before forwarding.
detail-refused = The hub has not taken { $count } changes of this complaint since { $since }: { $reason }. They are whole on this computer. Tell the administrator of the hub the register number; once they have looked, the gateway goes on by itself.
detail-refused-unknown = only a newer program knows the reason; update this one
detail-unmerged = { $count } changes of this complaint could not be merged. Try again after the next sync; if they remain, tell the administrator.
conflict-heading = Values differ: { $field }
conflict-explained = Two people filled this in without knowing of each other. Choose the right one; the other stays in the history of the data.
conflict-choose = Use this one
conflict-reporter = Reporter record { $mark }
tracking-id = Tracking ID
disposed-to = Disposed to
lapor-status = Status in LAPOR
reporter-none = No name or contact is on record.
reporter-not-here = A reporter is on record, but not on this computer (not arrived yet, or erased).
reporter-masked = Masked. Looking at it is noted with your name.
reporter-hide = Mask again
reporter-shown-once = Shown this once; it is noted that you looked.

## Steps
step-verify = Verify
step-forward = Forward to the liaison
step-missing = Complete what is missing first; the list is above.
step-forward-unverified = Verify this complaint first; then it can be forwarded.
step-amend = Change
step-amend-blocked = This complaint is in the liaison's hands or closed, so it can no longer be changed, forwarded or closed here. Notes can still be added.
step-outcome = Why
step-ask = Ask the complainant
step-ask-explained = Note what the complainant was asked. The deadline pauses until the answer is noted.
step-ask-prompt = Question
step-ask-button = Note the question
step-answered = Note the complainant's answer
step-answered-explained = The complainant has answered, or is no longer waited for. The deadline runs again.
step-answered-prompt = Answer
step-answered-button = Note the answer
step-note = Add a note
step-note-explained = This office and the liaison see it. Do not write a NIK or a phone number.
step-note-prompt = Note
step-note-button = Save the note
step-close = Close without forwarding
step-close-explained = The complaint is closed at this office and does not go into LAPOR. Tell to whom it was referred, or which number it doubles.
step-close-prompt = Remark
step-close-button = Close the complaint
notice-recorded = Saved with register number { $register }. Print the receipt for the citizen, or write this number on one.
warning-recorded-before = The same sheet was saved before; it was not recorded twice.
notice-amended = The change is saved.
notice-nothing-changed = Nothing has changed.
notice-verified = Verified. Next step: forward it to the liaison.
notice-forwarded = Forwarded. It is sent to the hub as soon as there is a network; the delivery marks show it.
notice-asked = The question is noted. The deadline pauses until the answer is noted.
notice-answered = The answer is noted. The deadline runs again.
notice-noted = The note is saved.
notice-closed = The complaint is closed.
notice-settled = The choice is saved.

## What happened
timeline-at-office = office
timeline-at-hub = hub
timeline-untrusted = clock not known to be right
event-recorded = Recorded
event-verified = Verified
event-forwarded = Forwarded to the liaison
event-forwarded-again = Forwarded again (round { $round })
event-asked = The complainant was asked
event-answered = The complainant answered
event-noted = Note
event-attached = File attached
event-detached = File detached
event-closed-at-office = Closed at the office: { $outcome }
event-received = Arrived at the hub
event-accepted = Accepted by the liaison
event-returned = Returned by the liaison
event-returned-missing = Missing: { $items }
event-entered = Entered in LAPOR with Tracking ID { $tracking_id }
event-disposed = Disposed
event-status-seen = Status in LAPOR
event-closed = Closed by the liaison
event-unknown = An event of a newer version of the program

## Register import
import-heading = Import a register
import-explained = Take over the register that you have. The file is checked row by row first; nothing is recorded before you press save. Importing the same file twice adds nothing.
import-file = Register file
import-file-hint = CSV, XLSX or NDJSON, at most 10 MB. It needs a row with the names of the columns, such as: Received, Channel, Name, Title, Narrative, Place.
import-check = Check the file
import-no-file = Choose a register file first, then press “Check the file”.
import-unread = The file did not arrive whole, or is larger than 10 MB. Nothing was recorded.
import-unread-next = Choose the file again; split a large register into several files.
import-gone = The result of the check is gone (the program was restarted, or another file was checked). Nothing was recorded; choose the file again.
import-preview = Result of checking { $file }
import-done = { $file } is imported
import-would = { $added } would be recorded · { $present } on record already · { $refused } cannot be recorded
import-did = { $added } recorded · { $present } were on record already · { $refused } cannot be recorded
import-nothing-yet = Nothing is recorded yet. Rows that cannot be recorded can be mended in the file and imported again later.
import-ignored = These columns are not known and are not imported: { $columns }.
import-save = Record { $count } complaints
import-cancel = Cancel
import-col-line = Row
import-col-title = Title
import-col-result = Result
import-row-would-add = would be recorded
import-row-added = recorded
import-row-present = on record already
import-row-refused = cannot be recorded
import-more = { $count } more rows are not shown here; all of them are counted above.

## Sync
sync-heading = Sync
sync-now = Sync now
sync-explained = The gateway syncs by itself every few minutes and after each change. This button is for those who do not want to wait.
sync-cost = Data needed to send everything, about: texts { $texts }, attachments { $files }.
sync-cost-texts = Data needed to send everything, about { $texts }.
sync-line-delivered = All is received by the hub, last { $last }.
sync-line-waiting = { $count } complaints wait to be sent; last connected { $last }.
sync-line-never = { $count } complaints wait to be sent; the hub was never connected.
sync-not-enrolled = This gateway is not enrolled with any hub.
sync-waiting = { $count } complaints still wait to be sent. All of them are safe on this computer.
sync-identical = The hub and this computer are proved to hold exactly the same since { $since }.
sync-delivered = The hub has received everything.
sync-never = Never connected to the hub yet.
sync-code-waits = The code was taken here, but the hub has not confirmed it yet.
sync-code-waits-next = Complaints can be recorded already. As soon as the hub can be reached, enrolment completes by itself.
sync-error = The last sync failed ({ $when }).
sync-refused = The hub does not take { $items } changes of { $complaints } complaints
sync-refused-next = They are whole on this computer, and other complaints are sent as always. Open a complaint that says “Not taken by the hub” to see why, and tell the administrator of the hub. Once they have looked, the gateway goes on by itself.
sync-error-safe = Your complaints are safe on this computer and are sent once it is connected again.
trouble-unreachable = The hub cannot be reached. Check the network cable or signal; the gateway tries again by itself.
trouble-not-a-hub = What answers at the hub's address is no hub. Perhaps this network still asks to sign in (Wi-Fi login); if not, compare the hub's address with the administrator.
trouble-other-key = A server with another key answers at the hub's address. Nothing was sent to it, and this PC's clock is not the reason. Perhaps this network opens encrypted connections (filter, Wi-Fi login), or the hub was set up anew or has changed its key while this PC was not in contact: ask the administrator for a new enrolment code. Nothing is lost.
trouble-not-secured = What answers at the hub's address does not prove itself as a hub. Nothing was sent to it, and this PC's clock is not the reason. Perhaps this network still asks to sign in (Wi-Fi login); if not, ask the administrator whether the hub serves TLS.
trouble-plain-http = The hub's address would send complaints unencrypted, so nothing was sent. Ask the administrator for a new enrolment code whose address begins with https.
trouble-other-hub = What answers is not the hub that made this gateway's enrolment code. Compare the hub's address with the administrator.
trouble-unknown-device = The hub does not know this gateway. Ask the administrator for a new enrolment code and type it below.
trouble-revoked = The hub no longer accepts this gateway. Nothing is lost, and recording goes on. Ask the administrator why; if this computer stays in use, type a new code below.
trouble-bad-signature = The hub could not make sure that this message is from this gateway. If it keeps happening, ask the administrator for a new enrolment code and type it below.
trouble-version = The hub does not know this version of the program. Ask the administrator for the newest one.
trouble-bad-item = The hub refused one of the changes from this computer. Tell the administrator.
trouble-copied = Another PC works with a copy of this gateway's data, so the hub refuses this one. Nothing is lost and capture goes on. Ask the administrator for a new code and type it below: only what the hub lacks is sent.
trouble-quarantine-full = The hub keeps too many changes of this gateway aside and takes no more until its administrator has looked. Your work stays saved on this computer.
trouble-busy = The hub is busy. The gateway tries again by itself.
trouble-hub-in-trouble = The hub cannot take anything at the moment: its disk is full or something broke there. The gateway tries again by itself; if it lasts, tell the administrator.
trouble-broken-reply = The hub's reply was cut off or broken on its way. The gateway tries again by itself; if it keeps happening, tell the administrator.
trouble-code-used = This enrolment code was used already: one code is for one computer. Ask the administrator for a new one.
trouble-code-unknown = The hub does not know this enrolment code. Ask the administrator for a new one.
trouble-code-expired = This enrolment code has expired. Ask the administrator for a new one.
trouble-code = This enrolment code cannot be used. Ask the administrator for a new one.
trouble-other = The sync stopped halfway. The gateway tries again by itself; if it keeps happening, tell the administrator.
trouble-details = (Details for the administrator: { $details })
sync-repair = The hub and this PC hold different things; that is being mended since { $since }.
sync-repair-tried = The hub and this PC hold different things since { $since }, and mending did not help so far. Tell the administrator; it is tried again every day.
sync-repair-next = What is missing is found and exchanged at the next sync, without sending everything again. Your complaints are safe on this PC.
sync-found-restored = The database of this PC is older than it was ({ $when }).
sync-found-restored-next = It may come from a backup. What the hub has received is fetched again; check register numbers that were printed after the backup was made.
sync-found-moved = The data of this gateway moved to another PC or folder ({ $when }).
sync-found-moved-next = If the old one is still in use, the hub will refuse one of the two, which then needs a new code. Nothing is lost.
sync-found-exchanged = The database in this folder is not the one that was last used here ({ $when }).
sync-found-exchanged-next = Tell the administrator. What is in it stays and is compared with the hub.
sync-clock = This computer's clock is not known to be right.
sync-clock-next = Check the computer's date and time. Times noted now are marked as “not known to be right”; no deadline is counted from a wrong clock.
sync-fact-office = Office
sync-fact-letter = Gateway letter
sync-fact-hub = Hub's address
sync-fact-last = Last connected
sync-fact-waiting = Waiting to be sent
sync-fact-waiting-value = { $complaints } complaints ({ $items } changes)
sync-fact-identical = Proved identical since
sync-fact-none = –
notice-synced = The hub has received everything.
warning-sync-not-all = Connected, but the hub has not received everything yet. It goes on by itself.
warning-sync-goes-on = The link is slow; the sync goes on in the background. Load this page again in a moment.
warning-sync-unreachable = The hub cannot be reached. Your complaints are safe on this computer and are sent once connected.
warning-sync-failed = The sync did not succeed. The reason is below; your complaints are safe on this computer.

## Enrolment
welcome-heading = Welcome
welcome-explained = This gateway does not know yet which office it stands in. The enrolment code from the hub's administrator tells it.
welcome-step-ask = Ask the hub's administrator at the regency for an enrolment code. One code is for one computer.
welcome-step-type = Type or paste the code below.
welcome-step-work = Complaints can be recorded at once, also without a network. Everything is sent once the hub can be reached.
enrol-code = Enrolment code
enrol-code-hint = Capital or small letters, spaces and line breaks do not matter as long as every sign is there.
enrol-by-others = The enrolment code is typed by whoever keeps the accounts of this office, usually its head.
enrol-button = Enrol this gateway
enrol-code-blank = The code is empty. Type the code from the administrator.
enrol-code-typing = This code has a typing error. Compare it with the paper, group by group, and send it again.
enrol-code-version = This code was made by another version of the program. Update this program, or ask the administrator for a new code.
enrol-code-content = This code holds an address or office that cannot be used. Ask the administrator for a new code.
enrol-code-other-office = This code is for { $office }, but this computer holds the complaints of another office. Ask the administrator for a code for this office.
enrol-failed = The hub has not confirmed this code. { $reason }
enrol-again = Enrol again with a new code
enrol-again-explained = Only if the administrator asks for it. Complaints on record stay.
notice-enrolled = This gateway is enrolled for { $office }.
notice-enrolled-offline = This gateway works for { $office }. The hub cannot be reached yet; enrolment completes by itself once connected, and complaints can be recorded already.

## Attachments

files-title = Attachments
files-none = No attachments yet.
files-choose = Choose photos or documents
files-hint = JPEG or PNG photos, PDF or DOCX; at most 10 MB per file, several at once if you like. Photos are made smaller and lose what they say about the place.
files-attach = Attach
files-detach = Detach this file
files-draft = Taken already; it is saved with the complaint.
files-none-chosen = No file was chosen. Choose a photo or document first, then press Attach.
files-unread = The files did not arrive completely.
files-unread-next = Go back and send them again, fewer at once if need be.
files-saved-here = ✓ saved here · not sent to the hub yet ({ $left })
files-on-the-way = ✓ saved here · { $percent }% at the hub ({ $left } left)
files-at-hub = ✓✓ received by the hub
files-not-here = Not complete on this computer: { $held } of { $size }. It was taken on another gateway and comes by way of the hub.
files-waiting = { $count ->
    [one] One attachment is not all at the hub
   *[other] { $count } attachments are not all at the hub
  }; { $size } are still to be sent. The texts of complaints always go first.
files-elsewhere = { $count ->
    [one] One attachment
   *[other] { $count } attachments
  } of another gateway of this office { $count ->
    [one] is
   *[other] are
  } not complete here.
files-complaint = Complaint
files-file = File
files-size = Size
files-state = State
notice-attached = { $count ->
    [one] One attachment
   *[other] { $count } attachments
  } saved.
notice-detached = The attachment was taken away; the history keeps that it was there.

## Stick

bundle-heading = Without a network: carry it on a stick
bundle-explained = Where there is no internet, complaints can travel on a USB stick. The stick has to go to the hub and come back: a complaint is marked “received by the hub” only after the answer was taken on this computer. The files are locked, and only the hub can open them; if the stick gets lost, simply make new ones.
bundle-step-make = 1. Make the file and save it to the stick
bundle-attachments = Include { $count } attachments that the hub does not have yet ({ $size })
bundle-step-carry = 2. Take the stick to the hub
bundle-carry = Hand the stick to the liaison, who takes your file and saves the answer to the same stick.
bundle-step-take = 3. Take the answer from the stick
bundle-make = Make a file for the hub
bundle-ready = Click each of these files and save it to the stick:
bundle-answer = The hub's answer
bundle-answer-hint = Plug in the stick and choose all files whose name begins with titian_hub and ends in .titian. Their order does not matter, and taking the same file twice harms nothing.
bundle-take = Take the hub's answer
notice-bundle-made = The file for the hub was made. Save it to the stick. Nothing is delivered until the stick was at the hub and its answer was taken here.
notice-bundle-join-made = The hub does not know this computer yet, so the first file only introduces it. Take it to the hub, take the answer here, and make a file once more: then the complaints go with it.
sync-fact-bundle = Newest answer on a stick

## Notice and receipt
privacy-form = What citizens are told about their personal data
privacy-title = Notice on personal data
privacy-explained = Read this text to citizens or print it before their complaint is recorded. Print with Ctrl+P.
privacy-print = Open to print
privacy-version = Version of the text: { $version }
privacy-standard = { $version } (the program’s own text)
privacy-noted = Notice on personal data at the recording
privacy-noted-none = not noted (from an older register or an older program)
receipt-title = Receipt
receipt-explained = Print with Ctrl+P, sign, and give it to the citizen.
receipt-back = Back to the complaint
receipt-received-by = Received by
receipt-follow = Keep this sheet. Name the register number when you ask about your complaint. This service is free.
receipt-sign-officer = Receiving officer,
receipt-sign-citizen = Citizen,
receipt-notice-now = Which notice was in force when this complaint was recorded is not noted. The text below is the one in force now.
receipt-notice-elsewhere = The text of version { $version } is not on this computer. Print the receipt on the computer that recorded this complaint.
