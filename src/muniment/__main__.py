"""`python -m muniment` is `muniment`."""

from muniment.command import main

main()
