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
sign-in-wait = Too many tries for this user name. Wait { $seconds } seconds, then try again.
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
