"""Scans in Uyghur: a foreman's letter, the minutes of a workers' meeting, a roster."""

from __future__ import annotations

from collections.abc import Callable

from samples import scan
from samples.lettering import Sheet
from samples.story import AUTHORITY, FOREMAN, INNOCENT, PORT

_LETTER = (
    "ھۆرمەتلىك رەھبەرلەر،",
    f"مەن توققۇزىنچى ئىسكىلاتنىڭ كېچىلىك نۆۋەت باشلىقى {FOREMAN.uyghur}. بۇ خەتنى ئىككىنچى قېتىم يېزىۋاتىمەن. "
    "ئۆتكەن يىلى 5-دېكابىردا يازغان بىرىنچى خېتىمگە ھازىرغىچە جاۋاب كەلمىدى.",
    "توققۇزىنچى ئىسكىلاتتا بىر يىلدىن بېرى ئوندراسېل دېگەن كېمىدىن چۈشۈرۈلگەن خىمىيىلىك ماددا ساقلىنىۋاتىدۇ. "
    "ھۆججەتلەردە ئۇ سانائەت تۇزى دەپ يېزىلغان، لېكىن تۇڭلارنىڭ ئۈستىدىكى خەتتە باشقا نەرسە يېزىلغان. "
    "تەكشۈرگۈچى شې رۇۋيۈ بىلەن بىللە ساناپ چىققىنىمىزدا، ئاز دېگەندە 2740 تۇڭ چىقتى. "
    "شىمالىي تام تەرەپنى ساناشقا ئىمكان بولمىدى.",
    "بەش تۇڭنىڭ بىرىنىڭ ئاغزى ئوچۇق ياكى يېرىلغان. ئۆگزىنىڭ تۆت يېرىدىن يامغۇر سۈيى ئۆتىدۇ. "
    "شۇ تۇڭلارنىڭ يېنىدا ماي قاچىلانغان تۇڭلار ۋە ۋاقتى ئۆتكەن سىگنال راكېتالىرى تۇرىدۇ. "
    "ئوت ئۆچۈرۈش سۈيى يوق، تۇرۇبا ئالدىنقى قىشتا توڭلاپ يېرىلغان، تېخىچە ئوڭشالمىدى.",
)
_LETTER_2 = (
    "تەكشۈرۈش جەدۋىلىگە ھەر قېتىم «نورمال» دەپ يېزىلىدۇ. مەن ئۇ كېچىلەردە ھېچقانداق تەكشۈرگۈچىنى كۆرمىدىم. "
    "ئىككى جەدۋەلدە مېنىڭ ئىمزايىم بار، ئەمما ئۇنى مەن قويمىدىم.",
    "سىزلەردىن مۇنۇلارنى سورايمەن: بىرىنچى، راكېتالارنى دەرھال باشقا يەرگە يۆتكەش؛ ئىككىنچى، سۇ تۇرۇبىسىنى ئوڭشاش؛ "
    "ئۈچىنچى، يالغان جەدۋەللەرنى بىكار قىلىش.",
    f"ئاشخانىدا {INNOCENT.uyghur} ئىسىملىك بىر قىز ئىشلەيدۇ. ئۇنىڭدىن گۇمان "
    f"قىلىنغانلىقىنى ئاڭلىدىم. ئۇ يولدىن ئېزىپ قالغان، "
    "ئىسكىلاتقا كىرمىدى، ھېچنېمىنى كۆرمىدى. ئۇنى ئاۋارە قىلماسلىقىڭلارنى سورايمەن.",
    "بۇ يەردە ھەر كېچىسى قىرىق ئادەم ئىشلەيدۇ. ئەگەر بىر ئوت چىقسا، ھېچكىم "
    "قاچالمايدۇ. خېتىمگە جاۋاب بېرىشىڭلارنى كۈتىمەن.",
)


def letter() -> bytes:
    """Two pages of 22 January 2019: the night foreman warns for the second time."""
    first = Sheet("uyghur", dpi=200, points=16, leading=1.75)
    first.line(f"{AUTHORITY.uyghur} رەھبەرلىكىگە", points=17, bold=True)
    first.line(f"{PORT.uyghur} شەھىرى، 2019-يىلى 22-يانۋار", points=14, align="end")
    first.gap(6)
    first.line("ئىككىنچى ئاگاھلاندۇرۇش خېتى", points=20, bold=True, align="centre")
    first.gap(5)
    for text in _LETTER:
        first.paragraph(text, indent=1.5, after=0.2)
    second = Sheet("uyghur", dpi=200, points=16, leading=1.75)
    for text in _LETTER_2:
        second.paragraph(text, indent=1.5, after=0.2)
    second.gap(10)
    second.line("ھۆرمەت بىلەن،")
    second.signature("Qumush")
    second.line(FOREMAN.uyghur, bold=True)
    second.line("توققۇزىنچى ئىسكىلات كېچىلىك نۆۋەت باشلىقى", points=14)
    pages = [
        scan.scanned(first.picture, "letter-1", degrees=0.4),
        scan.scanned(second.picture, "letter-2", degrees=-0.4),
    ]
    return scan.as_pdf(pages, 200, {"Producer": "Corvel DocuStation 5340"})


_MEETING = (
    "ۋاقتى: 2019-يىلى 14-فېۋرال، كەچ سائەت 9",
    "ئورنى: ئىككىنچى ئاشخانا",
    f"قاتناشقۇچىلار: {FOREMAN.uyghur}، باھتۇن ئارسلەك، سەلىمە تورغاي ۋە كېچىلىك نۆۋەتتىكى ئون يەتتە ئىشچى",
    f"بىرىنچى مەسىلە. {FOREMAN.uyghur} رەھبەرلىككە ئىككى قېتىم خەت يازغانلىقىنى، جاۋاب كەلمىگەنلىكىنى ئېيتتى. "
    "ئۇ ئىشچىلارغا ئىسكىلات ئىچىدە ئوت ياقماسلىقنى، تاماكا چەكمەسلىكنى تاپىلىدى.",
    "ئىككىنچى مەسىلە. باھتۇن ئارسلەك غەربىي دەرۋازىدىكى سۇ چىلەكلىرىنىڭ قۇرۇق ئىكەنلىكىنى دېدى. "
    "ئىشچىلار ھەر كېچىسى سائەت ئوندا چىلەكلەرنى دېڭىز سۈيى بىلەن توشقۇزۇشنى قارار قىلدى.",
    "ئۈچىنچى مەسىلە. سەلىمە تورغاي تەكشۈرۈش دوكلاتىنىڭ بىر نۇسخىسىنى ساقلاپ قويغانلىقىنى ئېيتتى. "
    "ئۇ دوكلاتتا ئاز دېگەندە 2740 تۇڭ دەپ يېزىلغانلىقىنى، نومۇر بېرىلمىگەنلىكىنى چۈشەندۈردى.",
    "تۆتىنچى مەسىلە. ئىشچىلار ئىمزا قويۇشنى رەت قىلغان تەكشۈرگۈچىنى قوللايدىغانلىقىنى بىلدۈردى.",
)


def meeting() -> bytes:
    """One page of 14 February 2019: the night shift meets in the canteen."""
    sheet = Sheet("uyghur", dpi=300, points=15, leading=1.7)
    sheet.line("كېچىلىك نۆۋەت ئىشچىلىرى يىغىنىنىڭ خاتىرىسى", points=19, bold=True, align="centre")
    sheet.rule()
    for text in _MEETING[:3]:
        sheet.paragraph(text, after=0)
    sheet.gap(4)
    for text in _MEETING[3:]:
        sheet.paragraph(text, indent=1.5, after=0.2)
    sheet.gap(6)
    sheet.line("خاتىرىلىگۈچى: سەلىمە تورغاي")
    page = scan.scanned(sheet.picture, "meeting", degrees=-0.3, noise=10)
    return scan.as_fax([page], 300)


def roster() -> bytes:
    """One page: the March roster in Uyghur, with the night of the explosion on it."""
    sheet = Sheet("uyghur", dpi=200, margins=(20, 22), points=15)
    sheet.line("شىمالىي قولتۇق كېچىلىك نۆۋەت جەدۋىلى", points=19, bold=True, align="centre")
    sheet.line("2019-يىلى 3-ئاينىڭ 10-كۈنىدىن 16-كۈنىگىچە", points=14, align="centre")
    sheet.gap(5)
    rows = [
        ("ئىسمى", "ۋەزىپىسى", "ئورنى", "ۋاقتى"),
        (FOREMAN.uyghur, "نۆۋەت باشلىقى", "9-ئىسكىلات", "رۇخسەتتە"),
        ("باھتۇن ئارسلەك", "قاراۋۇل", "غەربىي دەرۋازا", "كېچە"),
        ("دوررىن ئاسكېل", "كرانچى", "14-توختىتىش ئورنى", "كېچە"),
        (INNOCENT.uyghur, "ئاشپەز ياردەمچىسى", "2-ئاشخانا", "كېچە"),
        ("ئوسۋىن تاررابل", "ئوت ئۆچۈرگۈچى", "شىمالىي قولتۇق", "كېچە"),
    ]
    sheet.table(rows, [2.6, 2.6, 2.6, 1.6], points=13.5, row_mm=11)
    sheet.gap(6)
    sheet.paragraph(
        "ئەسكەرتىش: توققۇزىنچى ئىسكىلاتنىڭ ئاچقۇچى بۇ ھەپتىدە باش ئىشخانىدا ساقلىنىدۇ.", points=14
    )
    return scan.as_jpeg(scan.scanned(sheet.picture, "uyghur-roster", degrees=0.5), 200, 68)


FILES: dict[str, Callable[[], bytes]] = {
    "delivery-1/scan-0003.pdf": letter,
    "delivery-3/scans/يىغىن خاتىرىسى.tiff": meeting,
    "delivery-3/scans/نۆۋەت جەدۋىلى.jpg": roster,
}
