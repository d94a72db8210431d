"""The launcher behind `./pilgrim`; it uses the standard library only, so that it runs on a bare machine.

Vocabulary
    step        one piece of set-up, skipped while the hash of its inputs equals its stamp
    program     a process of ours: a server, a one-time command (keys, migration, seed) or an application
    supervisor  the process that starts the programs in order, restarts them and stops them in reverse
    embedded    PostgreSQL and Redis that the launcher makes and runs itself, under var/ where it can

Invariants
    A bad state ends in one sentence (`Refused`) and exit status 3, or is mended.
    No server outlives its supervisor, and no supervisor outlives the command it is attached to.
    What is killed half-way is begun anew: a directory is filled under another name and then renamed.
    Progress goes to standard error; standard output holds results only.
"""
