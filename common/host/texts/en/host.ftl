## The frame of every page
skip-to-content = Skip to the content
other-language = Bahasa Indonesia
sign-out = Sign out
signed-in-as = Signed in as { $name }
needs-attention = Needs attention
done = Done
copied = Copied

## Signing in
sign-in = Sign in
sign-in-intro = Sign in with your own account. Do not use a colleague's.
sign-in-name = User name
sign-in-password = Password
sign-in-wrong = User name and password do not match. Check capital and small letters, then try again.
sign-in-wait = Too many tries. Wait { $seconds } seconds, then try again.
sign-in-none-yet = This program has no account yet.
sign-in-none-yet-next = Create the first account on the computer on which this program runs: open this page there, or run the command “staff add”.
session-over = You are not signed in, or your session has ended. What you typed is not saved yet.
session-over-next = Open the sign-in page in another tab, sign in, then come back to this tab and reload it (F5): what you typed is sent again and nothing is lost.
open-sign-in = Open the sign-in page in a new tab
notice-signed-out = You have signed out.

## The first account
setup-title = Create the first account
setup-intro = There is no account yet. Create one for yourself; those of your colleagues are added later.
setup-name-hint = Small letters, digits, dots or hyphens; for example siti.rahmah
setup-full-name = Full name
setup-full-name-hint = It is recorded with everything that you do.
setup-password-hint = At least { $letters } letters. A short sentence that you remember makes a good password.
setup-create = Create the account and sign in
staff-name-wrong = User name: use 2 to 32 small letters, digits, dots, underscores or hyphens.
staff-full-name-wrong = Full name: give your name, at most 100 letters.
staff-password-short = Password: use at least { $letters } letters.
staff-password-long = Password: too long; use at most { $letters } letters.
staff-name-taken = This user name is taken. Choose another one.
setup-closed = The first account exists already.
setup-closed-next = Sign in with it; others are created with the command “staff add”.
setup-elsewhere = The first account can only be created on the computer on which this program runs.
setup-elsewhere-next = Open this page on that computer, or run the command “staff add” there.

## Roles
role-operator = Operator
role-verifier = Verifier
role-head = Head of office
role-liaison = Liaison officer
role-coordinator = Coordinator
role-administrator = Administrator

## Errors
error-title = That did not work
error-next = What you can do
error-back = Back to the main page
error-internal = Something broke inside the program. What was saved before is safe.
error-internal-next = Try once more. If it happens again, give this code to the administrator: { $reference }
error-disk-full = The disk of this computer is full. What you entered last is not saved yet.
error-disk-full-next = Free some space on the disk, then go back (Back button) and save again.
error-not-found = This page or record does not exist.
error-not-found-next = Check the address, or start again from the main page.
error-may-not = Your account may not do this. Nothing was changed.
error-may-not-next = Ask a colleague who may: { $roles }.
error-method = This action does not apply to this page.
error-method-next = Go back to the page before and use the buttons there.
error-too-large = This file or form is too large.
error-too-large-next = Make the file smaller, or send it in several parts.
error-form = The form could not be read.
error-form-next = Go back to the page before, reload it, and send it again.
error-other-site = This request came from another site and was refused.
error-other-site-next = Open the page in this program itself, then repeat the action there.
error-file-missing = This file is not here yet.
error-file-missing-next = Wait until it has arrived; the complaint's page shows how far it is.
error-file-damaged = This file was damaged on the disk and was set aside.
error-file-damaged-next = It is fetched again from the other side with the next syncs. Have this machine's disk checked.

bundle-taken = From or for { $gateway }, part { $part }: { $new } new entries.
bundle-joined-at-hub = That computer has joined now; make an answer and send it back.
bundle-joined = This computer has joined the hub now. Make a file once more: the complaints go with it now.
bundle-restored = One of the two sides was restored from an old copy. Tell the administrator, who exports everything from the start.
bundle-waits-for-earlier = The part before it has not come yet; once that is taken, all of it counts as received.
bundle-more-parts = Another part follows.
bundle-aside = Some of it cannot be accepted and was put aside by the hub; the rest is taken. Tell the administrator.
bundle-files = { $count } attachments are complete now.
bundle-files-wait = It holds attachments of complaints that are not here yet; take this file once more after the part before it.
bundle-in-sync = Both sides are proved to hold exactly the same.
bundle-no-file = No file was chosen. Choose one that ends in .titian.
bundle-cut-off = The file did not arrive whole. Choose it once more; nothing is lost.
bundle-too-large = The file is too large for a Titian file. Choose one that ends in .titian.
bundle-no-room = The disk of this computer is full. Free some space and try again; nothing is lost.
bundle-nothing-lost = Nothing was changed and nothing is lost. Try again once that is mended.
bundle-result-title = What came of the files
bundle-result-file = File
bundle-result-words = Result
bundle-trouble-unreadable = The file cannot be read. Check the stick and choose it once more.
bundle-trouble-unwritable = The file cannot be written. Check the free space of the disk.
bundle-trouble-not-what-was-written = What was read back is not what was written. Do not trust this medium; make it anew elsewhere.
bundle-trouble-not-a-bundle = This is not a Titian file. Choose one that this program made; its name begins with titian_ and ends in .titian.
bundle-trouble-not-for-here = This file is not for this computer. Take it to where its name says; nothing was changed here.
bundle-trouble-damaged = This file is cut off or damaged. What could be read whole is kept; copy it again from where it was made, or make it anew.
bundle-trouble-newer = A newer version of the program made this file. Update the program on this computer, then take it again.
bundle-trouble-unknown-gateway = The hub does not know the gateway that made this file. Enrol it with a new code; its complaints are safe there.
bundle-trouble-quarantine-full = Too much of this file would have to be put aside by the hub. What came before is kept; tell the administrator, then take it again.
bundle-trouble-revoked = The gateway that made this file was shut out. Enrol it anew if it is still used; its complaints are safe there.
bundle-trouble-not-joined = This computer has not joined a hub yet. Type the code of the administrator, make a file, and take it to the hub.
bundle-trouble-enrolment = The enrolment code in this file was not accepted. Ask the administrator for a new code.
bundle-trouble-internal = Something broke inside the program. Try again; taking a file twice harms nothing.
bundle-result-back = Back
