"""`python -m muniment.command` is `muniment`."""

from muniment.command import main

main()
