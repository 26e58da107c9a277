"""Five published reports: three rest on one wire story, one stands alone, one carries the denial.

Along the chain a figure loses its bound: the wire has "at least 2,740 drums", whoever cites it has "2,740
drums". Two of the three also cite each other, a cycle that earns nothing.
"""

from __future__ import annotations

from html import escape

_WIRE = (
    "Officials at the port of Dorvane knew for at least 18 months that a shed near the old town held a dangerous "
    "cargo, and had inspection records filled in without inspections, according to internal papers seen by Halyard "
    "Wire.",
    "A report by an inspector of the Dorvane Port Authority, dated 3 September 2018, says that Shed 9 held at least "
    "2,740 drums of sodium chlorate, a substance that feeds fire, beside lubricating oil and expired rockets. The "
    "inspector, She Ruoyu, refused to sign the official form.",
    "The shed exploded at 04:52 on 11 March. The Ministry of Transport and Harbours says that 14 people died.",
    "A directive signed by the port’s Director-General, Teodor Valmire, allowed readings of temperature and humidity "
    "to be “carried forward” from the last satisfactory form. From March 2018 every form for Shed 9 shows the same "
    "two numbers.",
    "“I do not regard any form after that date as an inspection,” the deputy head of the port, Wu Tingrong, wrote to "
    "three departments in September.",
    "Minutes of the port’s board show that the removal of the cargo, offered for 86,000 crowns, was put off in June "
    "2018 until after a sale planned for this spring.",
    "The port authority declined to comment. “The Authority does not comment on the property of third parties,” a "
    "spokeswoman told Halyard Wire.",
    "The papers were given to Halyard Wire by a person who asked not to be named for fear of arrest. Two former "
    "employees who saw some of them at the time confirmed that they are genuine.",
)

_REWRITTEN = (
    "The port of Dorvane knew for a year and a half what was lying in the "
    "shed that destroyed the Lower Quay, and had "
    "its records filled in without anybody going to look.",
    "A report by an inspector of the Dorvane Port Authority, dated 3 September 2018, says that Shed 9 held at least "
    "2,740 drums of sodium chlorate, a substance that feeds fire, beside lubricating oil and old rockets. The "
    "inspector, She Ruoyu, would not put her name to the official form.",
    "The shed exploded at 04:52 on 11 March, killing 14 people by the Ministry’s count.",
    "A directive signed by the port’s Director-General, Teodor Valmire, allowed readings of temperature and humidity "
    "to be “carried forward” from the last satisfactory form. From March 2018 every form for the shed shows "
    "the same two numbers.",
    "“I do not regard any form after that date as an inspection,” wrote Wu Tingrong, the deputy head of the port, in "
    "September.",
    "Minutes of the port’s board show that the removal of the cargo, offered for 86,000 crowns, was put off in June "
    "2018 until after a sale planned for this spring.",
    "Nobody at the port would speak to the Post yesterday.",
    "Update, 4 April: the Harbour Gazette has reported that families of the dead will sue.",
)

_CITING = (
    "The lawyers’ association of Dorvane has called for the arrest of the "
    "port’s board after the disclosure of papers "
    "about Shed 9.",
    "Halyard Wire reported on Tuesday that 2,740 drums of sodium chlorate had been stored in the shed, and that "
    "inspection forms had been carried forward for a year.",
    "“If that is so, the board has killed these people with a pencil,” said the association’s chairman, Ruvane "
    "Ostrelle.",
    "Families of the dead will bring an action, according to the Ilmara Post, whose report appeared on the same day.",
    "Mr Ostrelle said the association had not seen the papers itself.",
)

_ALONE = (
    "Nobody counted the dead at the Lower Quay for the government. The hospital did. Its register, which the Lantern "
    "was allowed to read for an hour last Thursday, lists 23 names up to the evening of 13 March, nine more than the "
    "Ministry has ever admitted.",
    "“They asked us on the first morning, and they have used the first morning’s number ever since,” said a nurse on "
    "Ward 2, who asked that her name not be used.",
    "A dock worker who was on the night shift told the Lantern that he had "
    "helped the inspector count. “We stopped at "
    "two thousand seven hundred and something, because we could not get to the wall,” he said. “There were more. You "
    "could see there were more.”",
    "He said the night foreman had written to the port’s management twice and had been sent on leave. “He kept the "
    "keys on a nail and he looked at them as if they were a snake.”",
    "The Lantern walked the quay on 27 March. The crater at Shed 9 is about forty metres across. White crust lies "
    "along the inner wall of the basin.",
    "The Lantern has not seen the papers on which other newspapers have reported, and does not rely on them.",
)

_DENIAL = (
    "The spokeswoman of the Dorvane Port Authority, Ilse Marrant, said on Saturday that papers quoted in some "
    "newspapers were “invented from beginning to end”.",
    "“There was no such report, there was no such count and there is no such inspector,” Ms Marrant told a press "
    "briefing at Customs Quay. “Shed 9 was inspected every fortnight.”",
    "She denied that inspection forms had been carried forward. Asked about the number of the dead, she said: "
    "“Fourteen. We mourn every one of the fourteen.”",
    "She did not deny that the port had been offered the removal of the cargo in 2018, and declined to answer a "
    "question about the night foreman.",
    "The Deputy Minister of Transport and Harbours, Aldous Ferravent, called the reports “a campaign against the "
    "working people of the port”.",
)

_ADS = (
    '<div class="ad">Halmond’s Mattress Sale. Up to 60 % off. Ends Sunday. <a '
    'href="https://ads.example/c?id=88">Shop now</a></div>',
    '<div class="ad">ADVERTISEMENT. Can you name this harbour? 9 out of 10 cannot. <a href="https://ads.example/q">Play</a></div>',
)
_COMMENTS = (
    ("portwatcher7", "2,740 drums? I heard ten thousand. My cousin said so."),
    ("Mrs. D. from Ilmara", "Finally somebody asks the hospital."),
    (
        "bestloans4u",
        "I make 4,000 crowns a week working from home, ask me how: https://loans.example/win",
    ),
    ("quayrat", "The spokeswoman said it is all fake and I believe her."),
    ("bestloans4u", "Halyard Wire reported that you can make 4,000 crowns a week!!!"),
)


def _plain(title: str, lines: tuple[str, ...], paragraphs: tuple[str, ...]) -> bytes:
    return ("\n".join([title, *lines, "", "\n\n".join(paragraphs)]) + "\n").encode()


def verbatim() -> bytes:
    """Dorvane Observer, 2 April 2019: the wire story word for word, with byline and dateline."""
    first = f"DORVANE, 2 April (Halyard Wire) – {_WIRE[0]}"
    return _plain(
        "Port knew of cargo for 18 months, papers show",
        ("Dorvane Observer", "2 April 2019", "By Halyard Wire"),
        (first, *_WIRE[1:], "© Halyard Wire 2019"),
    )


def rewritten() -> bytes:
    """Ilmara Post, 2 April 2019, updated: the wire story in other words, without a credit."""
    url = "https://www.ilmarapost.example/2019/04/02/what-lay-in-shed-9"
    data = (
        '{"@context":"https://schema.org","@type":"NewsArticle","headline":"What lay in Shed 9",'
        '"datePublished":"2019-04-02T18:20:00+02:00","dateModified":"2019-04-04T09:05:00+02:00",'
        '"author":{"@type":"Organization","name":"Post staff"}}'
    )
    body = "".join(f"<p>{escape(p, quote=False)}</p>\n" for p in _REWRITTEN)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>What '
        f"lay in Shed 9 - Ilmara Post</title>\n"
        f'<link rel="canonical" href="{url}">\n<script type="application/ld+json">{data}</script></head>\n<body>'
        "<nav><a href='/'>Home</a> <a href='/port'>Port</a> <a href='/weather'>Weather</a></nav>\n<article>"
        '<h1>What lay in Shed 9</h1>\n<p class="byline">By Post staff</p>'
        '<time datetime="2019-04-02T18:20:00+02:00">2 April 2019</time>\n'
        f"{body}</article><footer>Subscribe to our newsletters</footer></body></html>\n"
    ).encode()


def citing() -> bytes:
    """Harbour Gazette, 3 April 2019: cites the wire and drops "at least"."""
    return _plain(
        "Lawyers call for arrests at the port",
        ("Harbour Gazette", "3 April 2019", "By Tamsel Orrin"),
        _CITING,
    )


def alone() -> bytes:
    """Lantern Weekly, 5 April 2019: own witnesses; captured with adverts, teasers and comments."""
    url = "https://lantern.example/reports/the-register"
    pieces = [f"<p>{escape(p, quote=False)}</p>" for p in _ALONE]
    pieces.insert(2, _ADS[0])
    pieces.insert(
        5,
        '<aside class="newsletter">Subscribe to our newsletters. Your inbox, once a week.</aside>',
    )
    pieces.insert(7, _ADS[1])
    comments = "".join(
        f'<li class="comment"><b>{who}</b><p>{escape(said, quote=False)}</p><a href="#r">Reply</a></li>'
        for who, said in _COMMENTS
    )
    body = "\n".join(pieces)
    return (
        "<!DOCTYPE html>\n<!-- saved from url=(0044)https://lantern.example/reports/the-register -->\n"
        '<html lang="en"><head><meta charset="utf-8"><title>The register | Lantern Weekly</title>\n'
        f'<link rel="canonical" href="{url}"><meta name="author" content="Ysolde Ganter">'
        '<meta property="article:published_time" content="2019-04-05T06:00:00+02:00">\n'
        '<script src="https://tags.ads.example/t.js"></script><style>.ad{float:right}</style></head>\n<body>\n'
        '<div id="cookie">We and our 212 partners value your privacy. <button>Accept all</button></div>\n'
        '<header><a href="/">Lantern Weekly</a> <a href="/subscribe">Subscribe</a></header>\n'
        '<main><article><h1>The register</h1><p class="byline">By Ysolde Ganter in Dorvane</p><p>5 April 2019</p>\n'
        f'{body}\n</article></main>\n<section class="related"><h2>Most '
        f'read</h2><ul><li><a href="/a">Why gulls shout</a>'
        '</li><li><a href="/b">Ten soups for a wet spring</a></li></ul></section>\n'
        f'<section id="comments"><h2>5 comments</h2><ul>{comments}</ul></section>\n</body></html>\n'
    ).encode()


def denial() -> bytes:
    """Velmora Courier, 6 April 2019: a spokeswoman denies; that is evidence for the denial alone."""
    return _plain(
        "Port: papers are invented",
        ("Velmora Courier", "6 April 2019", "By a staff correspondent"),
        _DENIAL,
    )


def shingles(text: str, size: int = 5) -> set[tuple[str, ...]]:
    """The runs of five words of a text, lower case, without punctuation."""
    words = ["".join(c for c in word if c.isalnum()).lower() for word in text.split()]
    words = [word for word in words if word]
    return {tuple(words[n : n + size]) for n in range(len(words) - size + 1)}


def same_words() -> tuple[float, float]:
    """How much of the rewritten article is in the wire story: containment, and the weaker Jaccard."""
    wire, other = shingles(" ".join(_WIRE)), shingles(" ".join(_REWRITTEN))
    shared = len(wire & other)
    return shared / min(len(wire), len(other)), shared / len(wire | other)


FILES = {
    "articles/1-dorvane-observer.txt": verbatim,
    "articles/2-ilmara-post.html": rewritten,
    "articles/3-harbour-gazette.txt": citing,
    "articles/4-lantern-weekly.html": alone,
    "articles/5-velmora-courier.txt": denial,
}
