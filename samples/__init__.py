"""A fictional leak of a fictional port authority, made by this script, with planted traps.

Nothing here is true: the Republic of Velmora, the port of Dorvane, every person and every paper are invented.
English, Chinese and Uyghur are used because the software must read them; the story has nothing to do with any
real place where they are written. `samples.build.build` makes the files, `samples.traps.TRAPS` lists what was
planted and where.
"""
