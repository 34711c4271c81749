"""The meanings of the codes of reasons, notes and checks, for users of the exports. The sentences beside a code are specific."""

#: Reasons for the verdicts `no` and `maybe`.
REASONS = {
    "bare": "No file says what to install: plain Python starts.",
    "closed": "The facility has closed.",
    "commit": "The entry names a commit, and the facility takes branches and tags only.",
    "contents": "The facility holds a few chosen notebooks only, and this is not one of them.",
    "environment-broken": "The environment cannot be built from what the repository says.",
    "front-page": "The link leads only to the front page of the facility.",
    "gist-ref": "A gist is opened at a commit or at its newest state, not at a branch.",
    "git-only": "The facility takes code from Git repositories only.",
    "image": "An image is built, and whether the program starts in it is not known.",
    "interface": "The facility runs other kinds of software.",
    "interface-unknown": "How the software is used is not stated.",
    "letters": "The address has letters in it that the facility loses on the way.",
    "library": "It is a library: the link opens its repository, but whether it can be imported there is not known.",
    "no-notebook": "No notebook is named, and the facility opens files only.",
    "no-repository": "No repository of code is known.",
    "not-looked": "The code that the link opens has not been inspected yet.",
    "not-one-zip": "The record does not hold exactly one zip, and nothing else is unpacked.",
    "notebook-gone": "A notebook that somebody named is not in the repository.",
    "ports": "It needs outgoing ports that the facility blocks.",
    "provider": "The facility takes no code from the host of its repository.",
    "ref-gone": "The repository has no such branch, tag or commit.",
    "repository-empty": "The repository is empty.",
    "repository-gone": "There is no such public repository.",
    "restricted": "The files of its record are restricted.",
    "short-commit": "The entry names a commit with fewer than 40 digits, for which Git cannot be asked.",
    "software-list": "The link leads only to the list of what the facility holds.",
}

#: Notes on what to expect of a launch. They do not change the verdict.
NOTES = {
    "choose": "A computing resource has to be chosen there.",
    "in-browser": "It runs in the browser, with only what Pyodide includes.",
    "insecure": "The address is plain http.",
    "limits": "What a session may use of memory, processors and storage.",
    "login": "The facility asks for a login first.",
    "login-unknown": "Whether the facility asks for a login is not known.",
    "never-checked": "Neither a person nor the nightly check has found the facility at work.",
    "no-login": "No login is needed.",
    "open-ports": "Outgoing connections work on some ports only.",
    "slow-start": "A first start builds the environment, which can take minutes.",
    "stays": "Files stay there between sessions.",
    "tag": "Where the link names a tag it works once, until its folder is deleted.",
    "temporary": "Everything is gone when the session ends.",
    "time": "How long a session lasts.",
}

#: Findings in a repository.
CHECKS = {
    "archived": "Its owner no longer changes it.",
    "bare": "No file says what to install.",
    "bare-is-enough": "No file says what to install, and somebody said that nothing is needed but Python.",
    "dockerfile": "A Dockerfile makes the environment, and Jupyter may not start in it.",
    "environment": "A file says what to install.",
    "environment-broken": "The environment cannot be built from what is there.",
    "large-files": "Files are kept in Git LFS, and may be missing at a facility without it.",
    "moved": "It has another address now.",
    "not-one-zip": "The record does not hold exactly one zip.",
    "not-read": "Files that look like an environment are there, too, and are not read.",
    "notebook-gone": "A notebook that somebody named is not in it.",
    "notebooks": "Notebooks are in it.",
    "ref-gone": "It has no such branch, tag or commit.",
    "repository-empty": "It is empty.",
    "repository-gone": "There is no such public repository.",
    "there": "It is there.",
}
