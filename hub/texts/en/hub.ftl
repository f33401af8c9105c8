# Texts of the hub's pages. The same keys are in texts/id/hub.ftl.

## Navigation
nav-inbox = Inbox
nav-waiting = Waiting for disposition
nav-import = LAPOR import
nav-offices = Offices

## Words of many pages
yes = Yes
no = No
copy = Copy
untitled = (no title)
value-empty = (not filled in)
value-reporter = reporter record { $mark }
since = since { $when }
ago-today = today
ago-yesterday = yesterday
ago-days = { $count } days ago
col-register = Register number
col-office = Office
col-title = Title
col-title-office = Title and office
col-stage = Stage
col-due = Due
col-since = Since
col-tracking = Tracking ID
col-status = Status in LAPOR
col-disposition = Disposition
col-line = Row
col-waiting = To be accepted
col-gateway = Gateway
col-seen = Last contact
col-in-sync = Proved in sync since
due-none = –
due-paused = waiting for the complainant
due-today = today
due-tomorrow = tomorrow
due-over-today = overdue since today
due-over =
    { $count ->
        [one] 1 day overdue
       *[other] { $count } days overdue
    }

## Inbox
inbox-title = Inbox
pile-accept = to be accepted
pile-enter = to be entered in LAPOR
pile-disposition = waiting for disposition
pile-since = longest since { $when }
pile-overdue = overdue
filter-search = Search
filter-search-hint = number, title, text, name
filter-search-hint-nameless = number, title, text
warning-search-forgotten = That search is no longer kept. Type it again in the search box.
filter-stage = Stage
filter-stage-all = All stages
filter-office = Office
filter-office-all = All offices
filter-due = Due
filter-due-all = All
filter-overdue = Overdue
filter-apply = Show
filter-clear = Show all
inbox-empty = No complaints yet. They appear here once an office has synced them.
inbox-nothing-found = No complaint fits. Change the search, or show all.
inbox-no-more = There are no older complaints.
pager = Pages of the list
pager-newest = ← Newest
pager-older = Older →
flag-mended = mended
flag-conflict = values differ
flag-reverify = changed since verified
flag-unmerged = not all of it is here
flag-anonymous = anonymous
flag-confidential = confidential
flag-round =
    { $count ->
        [one] forwarded once
       *[other] forwarded { $count } times
    }

## One complaint
no-such-complaint = This complaint is not at the hub.
no-such-complaint-next = Check the address. If an office has only just recorded it, wait for the next sync and load the page again.
only-liaison-next = Your account can only read. Ask the liaison to do it.
refused-next = Go back to the complaint, load its page again, and choose a step that is open.
form-not-saved = Not saved yet. Mend what is marked, then send it again.
you-typed = What you typed (copy it if it is still needed):
text-too-long = Too long: at most { $max } characters. Shorten it and send it again.
says-title = What the complaint says
changed-since-verified = The substance changed after the office verified it. Compare it with the office before you accept or copy it, or return it to be verified again.
waits-for-complainant = The office waits for the complainant's answer; the deadline pauses.
not-merged = Some changes of this complaint could not be merged. What is shown may not be all; tell the administrator.
already-resolved = The office has resolved this complaint already. Its answer goes into LAPOR's form, too.
out-of-scope = The office marked this complaint as outside LAPOR's scope: { $kind }.
conflicts-title = Values stand against each other
conflicts-explained = Two people filled in the same field without knowing of each other. The office chooses which is right; until then, do not copy it into LAPOR.
conflict-value = “{ $value }”, by { $staff }, { $when }

## Reporter
reporter-title = Reporter
reporter-name = Name
reporter-nik = NIK
reporter-phone = Phone
reporter-email = Email
reporter-address = Address
reporter-why-nameless = Why there is no name
reporter-why-unreachable = Why there is no contact
reporter-masked = ••••••
reporter-none = not named
reporter-not-here = the reporter's record has not arrived, or was erased
revealed-hint = For this view only; when the page is opened again, the data is masked again.

## Steps
next-title = Next step
next-recorded = Still at the office, which is completing it. There is nothing to do here yet.
next-verified = Still at the office: verified, not forwarded yet. There is nothing to do here yet.
next-forwarded = Check that it is complete, then accept it or return it to the office.
next-returned = Returned to the office to be mended. Wait until the office forwards it again.
next-accepted = Copy it into LAPOR, then note the Tracking ID that LAPOR gives.
next-entered = It is in LAPOR. Watch it until the coordinator disposes it; the LAPOR import notes that by itself.
next-disposed = It was disposed. Its status follows the LAPOR import.
next-closed = The complaint is closed. There is nothing left to do.
accept-button = Accept the complaint
accept-hint = Once accepted, it is copied into LAPOR.
return-title = Return it to the office
return-missing = What is missing?
return-missing-none = Tick at least one thing that is missing.
return-reason = Explanation for the office
return-reason-hint = Write what has to be mended, so that nobody has to ask.
return-reason-blank = Write the explanation: the office must know what to mend.
return-button = Return
sheet-open = Open the transcription sheet
tracking-enter = Tracking ID from LAPOR
tracking-hint = 7 to 9 digits, such as 5049672.
tracking-save = Save the Tracking ID
tracking-blank = Type the Tracking ID that LAPOR shows once the report is sent.
tracking-wrong = A Tracking ID has 7 to 9 digits and no letters. Check it in LAPOR.
tracking-taken = Complaint { $register } has this Tracking ID already. Check the number in LAPOR.
tracking-now = Noted now: { $tracking }
tracking-correct = Correct the Tracking ID
tracking-right = The right Tracking ID
dispose-title = Note the disposition by hand
dispose-hint = Only where LAPOR's export is not at hand: the institution that it was disposed to.
dispose-blank = Type the institution that it was disposed to.
dispose-button = Note the disposition
close-title = Close the complaint
close-reason = Why is it closed?
close-hint = Once it is closed, no more steps are open here.
close-blank = Write why it is closed.
close-button = Close the complaint
no-status-yet = not known yet
not-disposed-yet = not disposed yet
deadlines-title = Deadlines
notice-accepted = The complaint was accepted. Now copy it into LAPOR.
notice-returned = The complaint was returned; the office sees it after the next sync.
notice-entered = The Tracking ID was saved. The complaint now waits for disposition.
notice-disposed = The disposition was noted.
notice-closed = The complaint was closed.
notice-nothing-new = That was noted before; nothing changed.

## Timeline
timeline-title = Timeline
clock-not-trusted = computer clock not certain
event-recorded = Recorded at the office
event-verified = Verified: its substance is clear
event-forwarded = Forwarded to the liaison
event-forwarded-again =
    { $count ->
        [one] Forwarded to the liaison again (once)
       *[other] Forwarded to the liaison again (round { $count })
    }
event-asked = The complainant was asked; the deadline pauses
event-answered = The complainant's answer was noted; the deadline runs again
event-noted = Note
event-attached = File attached
event-detached = File detached
event-closed-at-office = Closed at the office: { $outcome }
event-received = Received by the hub
event-accepted = Accepted by the liaison
event-returned = Returned to the office
event-returned-missing = Missing: { $items }
event-entered = Entered in LAPOR, Tracking ID { $tracking }
event-disposed = Disposed to { $institution }
event-status = Status in LAPOR: { $status }
event-closed = Closed
event-unknown = Something that a newer version of the program wrote

## Transcription sheet
sheet-title = Transcription sheet
sheet-intro = Open LAPOR's form beside this page. The order below is that of LAPOR's form: copy one after the other, and paste. The values are in Indonesian, as LAPOR expects them.
sheet-reveal = Show the reporter for copying
sheet-masked = masked
sheet-names = The citizen's words below name { $kinds }. In LAPOR the institution reads them, and the public too unless the complaint is confidential. Look at what is marked, then choose what is copied.
sheet-proposal = Proposal
sheet-take-proposal = Take the proposal
sheet-take-as-written = Take it as written
sheet-wording-hint = Your choice is recorded. Other names may not have been recognised: read it before you send it.
sheet-chosen-redacted = What is copied is the proposal: numbers and names are replaced by what they are. Read it first: other names may not have been recognised.
sheet-chosen-as-written = What is copied is as it was written, with the numbers and names in it.
sheet-choose-first = choose above first
sheet-nothing = – (empty)
sheet-resolved = The office has resolved this complaint already: fill in the answer in the same form.
sheet-not-yet = This complaint is at stage “{ $stage }” and cannot be entered in LAPOR from here.
sheet-back = Back to the complaint
sheet-then = Once it is sent in LAPOR

## LAPOR import
import-title = Import LAPOR's export
import-intro = The Excel file from LAPOR brings back status and disposition of each report.
import-step-download = In LAPOR, download the Excel report for the period that you need.
import-step-choose = Choose that file below. You see first what would change.
import-step-confirm = If it is right, confirm it. Importing the same file twice changes nothing.
import-file = Excel file (.xlsx)
import-file-hint = At most { $max } MiB, without a password, unchanged.
import-look = See what would change
import-no-file = No file was chosen. Choose the .xlsx file from LAPOR, then try again.
import-cut-off = The upload broke off half-way. Nothing was changed; choose the file and try again.
import-too-large = This file is larger than { $max } MiB. Nothing was changed. Narrow its period in LAPOR or split it into several files, then try again.
import-forgotten = This upload is no longer kept: its time is over, there is a newer one, or the program was started anew. It changed nothing by that; choose the file once more.
import-preview-title = What would change
import-done-title = Import finished
import-would-change =
    { $count ->
        [one] 1 complaint would change.
       *[other] { $count } complaints would change.
    }
import-changed =
    { $count ->
        [one] 1 complaint was updated.
       *[other] { $count } complaints were updated.
    }
import-nothing-yet = Nothing is changed yet.
import-rows = Reports in the file
import-unchanged = Say what is known
import-unmatched-count = Not at the hub
import-problem-count = Problems
import-apply = Apply these changes
import-cancel = Cancel
import-another = Import another file
import-to-inbox = To the inbox
import-to-waiting = See what waits for disposition
import-unknown-statuses = This program has not seen these statuses before. They are noted as they are:
import-unknown-columns = These columns are not known and were not read:
import-changes = Changes
import-changes-done = What was updated
import-same = as before
import-refused = These complaints were not changed; everything else was taken over:
import-more = … and { $count } more
import-guesses = These may be yours
import-guesses-explained = They have the title of an accepted complaint without a Tracking ID. Check in LAPOR; if it is the same, note the Tracking ID on that complaint and import again.
import-problems = Rows with problems
import-unmatched = Rows without a complaint at the hub
import-unmatched-explained = No complaint here has these Tracking IDs. That is usual: most reports reach LAPOR without the offices. If one of them is yours, note its Tracking ID on that complaint and import again.

## Waiting for disposition
waiting-title = Waiting for disposition
waiting-intro = What is in LAPOR and not disposed by the coordinator yet, the longest first.
waiting-count =
    { $count ->
        [one] 1 complaint waits
       *[other] { $count } complaints wait
    }
waiting-empty = No complaint waits for disposition.

## Offices
offices-title = Offices
offices-intro = When each gateway last contacted the hub, and since when both are proved to hold the same.
offices-empty = No offices yet. The administrator adds them with “titian-hub office add”.
gateway-none = No gateway is enrolled yet
gateway-copied = Two PCs work with the data of this gateway; the second was refused { $when }. Make a new code with “titian-hub office code” and type it at the PC that was refused. No data are lost.
gateway-never = never
gateway-revoked = revoked
gateway-not-proved = not proved yet

## Attachments

files-title = Attachments
files-hint = Save them one by one and upload them in LAPOR's form. A saved file is named by the register number, not by what the reporter called it.
files-arriving = Not all here yet: { $held } of { $size }, attached at the office { $since }.

quarantine-title = Put aside
quarantine-intro = Changes that gateways brought and that may not stand in a case file. Everything else of their complaints is taken; the office sees what is missing, and keeps its work.
quarantine-empty = Nothing is aside. That is how it should be.
quarantine-number = Number
quarantine-complaint = Complaint
quarantine-since = Since
quarantine-bytes = Bytes
quarantine-reason = Why
quarantine-reason-newer = a newer program put it aside
quarantine-next = What waits comes in by itself. Of the others tell the administrator the number: they look into it with “titian-hub quarantine show” and judge it again with “retry”.

## Stick

bundle-heading = Offices without a network: sticks
bundle-explained = An office without a network brings its complaints on a USB stick. The stick has to go back to the office with an answer: without it the office does not know that its complaints have arrived.
bundle-step-take = 1. Take files from the stick
bundle-file = Files that an office brought
bundle-file-hint = Plug in the stick and choose all files that end in .titian, of one or several offices. Their order does not matter, and taking the same file twice harms nothing.
bundle-take = Take files
bundle-step-answer = 2. Make the answer and save it to the stick
bundle-answer = Make answer
bundle-answer-hint = Click each file of the answer, save it to the same stick, and send that back to its office. Only the computer there can open it.
notice-answer-made = The answer for { $gateway } was made. Save the file to the stick and send it back to the office.

## Enrolment codes
code-title = Enrolment code
code-heading = Enrolment codes
code-explained = One code for one PC of an office. Press the office's name, then print the page. A gateway's letter is never used twice, so do not make codes for practice.
code-once = This code is shown only now. Print this page (Ctrl+P) or copy it, and give it to that office alone. Loading this page again makes another code.
code-hub = The hub's address
code-until = Usable until
code-step-open = On the office's PC open the gateway and sign in as head of office.
code-step-type = On the page Sync type this code into “Enrolment code”; dashes and small letters do not matter.
code-step-record = Complaints can be recorded at once, also while the hub cannot be reached.
code-no-address = The hub does not know under which address gateways find it.
code-no-address-next = Ask the administrator to set public_url in hub.toml to an address that begins with https, and to start the hub again.
code-no-letter = All letters of this office, A to Z, are used.
code-no-letter-next = Letters are never given twice. Register a second office code.
privacy-noted = Notice on personal data at the recording, version
privacy-standard = the program’s own text
privacy-noted-none = not noted

## Retention
nav-retention = Retention
retention-title = Retention of reporters' identities
retention-intro = A reporter's identity is kept for no longer than the regency's schedule of records says. What is over is proposed here, and destroyed only once somebody has confirmed it. The complaint itself stays, without a reporter.
retention-times = Kept after the complaint is finished
retention-times-hint = The administrator sets it in hub.toml, section [retention], as the regency's schedule of records says.
retention-unset = not set: never proposed
retention-years =
    { $years ->
        [one] 1 year
       *[other] { $years } years
    }
retention-over = Time is over
retention-over-count =
    { $count ->
        [one] 1 identity
       *[other] { $count } identities
    }
retention-more = There are more behind these.
retention-undated =
    { $count ->
        [one] 1 complaint was closed at an office whose clock was not sure. It is not proposed; look at it, and use “titian-hub subject erase”.
       *[other] { $count } complaints were closed at offices whose clocks were not sure. They are not proposed; look at them one by one, and use “titian-hub subject erase”.
    }
retention-restricted =
    { $count ->
        [one] 1 identity is over, but restricted. It is kept until the restriction is lifted.
       *[other] { $count } identities are over, but restricted. They are kept until the restriction is lifted.
    }
retention-open = Decide proposal { $number }
retention-propose = Propose to destroy them
retention-proposals = Proposals and records
retention-number = Number
retention-made = Made
retention-made-by = Made by
retention-rows = Identities
retention-outcome = Outcome
retention-waits = waits for a decision
retention-destroyed-count = { $count } destroyed
retention-proposal = Proposal to destroy, number { $number }
retention-record = Record of destruction, number { $number }
retention-look = Nothing is destroyed yet. Look through the list first.
retention-record-explained = The identities of reporters of complaints marked “destroyed” are erased at the hub and, at the next contact, at all offices. Print this page (Ctrl+P) to have it signed.
retention-class = Class
retention-years-col = Years
retention-finished = Finished
retention-outcome-proposed = proposed
retention-outcome-destroyed = destroyed
retention-outcome-kept = kept
retention-decided = Decided
retention-decided-by = Decided by
retention-destroyed = Destroyed
retention-reason = Ground or reason
retention-reason-hint = The number of the decree that orders the destruction, or the reason to keep them. Without a citizen's name.
retention-reason-wrong = Give the ground or reason, in at most { $letters } letters.
retention-decide = Decide
retention-decide-hint = What is destroyed cannot be brought back, from no backup either. A complaint that was opened again since is kept.
retention-destroy = Destroy these identities
retention-keep = Keep them all
retention-sign-keeper = Destroyed by
retention-sign-head = Seen by
retention-decided-already = This proposal is decided already.
retention-decided-next = See the outcome on the page Retention.
notice-retention-decided = Decided: { $count } identities were destroyed.
warning-retention-nothing = No identity is at the end of its time.
