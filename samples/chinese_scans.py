"""Scans in Simplified Chinese: a notice with red header, copy number and seal; minutes; a store ledger."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageDraw

from samples import scan
from samples.lettering import Sheet, font
from samples.story import AUTHORITY, COUNTRY, INNOCENT, INNOCENT_NUMBER

COPY_NUMBER = "000017"
RED = "#c8161d"


def _ring(text: str, pixels: int) -> list[Image.Image]:
    glyphs = []
    for character in text:
        glyph = Image.new("L", (pixels + 8, pixels + 8), 255)
        face = font("chinese", pixels, bold=True)
        ImageDraw.Draw(glyph).text(
            (pixels // 2 + 4, pixels // 2 + 4), character, font=face, fill=0, anchor="mm"
        )
        glyphs.append(glyph)
    return glyphs


def _paper() -> Sheet:
    return Sheet("chinese", dpi=200, margins=(27, 30), points=15, leading=1.82, colour=True)


_BODY = (
    "各科室、各仓库、各作业区：",
    "　　为进一步规范危险货物存放和检查记录工作，经局务会议研究决定，现就九号仓库有关事项通知如下：",
    "　　一、九号仓库东半部存放的“昂德拉塞尔”轮扣留货物，在买方确定之前维持现状，"
    "任何部门不得自行移动、清点或者拍照。",
    "　　二、四十一号表（存放货物双周检查表）由仓储科统一填写。现场确因人手不足无法检查的，可以沿用最近一次合格记录的"
    "温度和湿度数据，检查结论填写“正常”。",
    "　　三、未经局长批准，任何检查不得记录为“不合格”。",
    "　　四、对外一律称该批货物为“工业用盐”。有关数量，不得引用，不得转抄，不得通过电子邮件传送。",
    "　　五、各单位收到的职工来信，凡涉及九号仓库的，原件送仓储科登记，不予答复。"
    "用维吾尔文书写的，由办公室译出后一并送交。",
)
_BODY_2 = (
    "　　六、本通知按份号发放，阅后由收文人亲自退回办公室，不得复印，不得摘录。遗失的，追究收文人责任。",
    "　　特此通知。",
)


def _notice_first() -> Image.Image:
    first = _paper()
    first.y = first.mm(20)
    first.line(f"份号：{COPY_NUMBER}", points=14)
    first.line("机密　一年", points=14, bold=True)
    first.gap(6)
    first.line(f"{AUTHORITY.chinese}文件", points=40, bold=True, align="centre", ink=RED)
    first.gap(7)
    first.line("多港安〔2018〕7号", points=15, align="centre")
    first.rule(weight=6, ink=RED, gap=4)
    first.gap(6)
    first.line("关于九号仓库危险货物存放及", points=21, bold=True, align="centre")
    first.line("检查记录有关事项的通知", points=21, bold=True, align="centre")
    first.gap(4)
    for text in _BODY:
        first.paragraph(text, after=0)
    return first.picture


def _notice_second() -> Image.Image:
    second = _paper()
    for text in _BODY_2:
        second.paragraph(text, after=0)
    second.gap(26)
    signed = second.y
    second.line(AUTHORITY.chinese, align="end", inset=14)
    second.line("2018年7月12日", align="end", inset=11)
    second.gap(40)
    second.rule(weight=3)
    second.line("抄送：海关监管科，港口消防队。", points=12.5)
    second.rule()
    second.line(f"{AUTHORITY.chinese}办公室　　　　　　　2018年7月12日印发", points=12.5)
    second.rule(weight=3)
    second.line("（共印25份）", points=12, align="end")
    ring = _ring(COUNTRY.chinese + AUTHORITY.chinese, 30)
    centre = (second.right - second.mm(38), round(signed) + second.mm(11))
    scan.stamped(second.picture, centre, second.mm(21), ring, "seal")
    return second.picture


def notice() -> bytes:
    """Two pages of 12 July 2018, set as an official document: the copy number names who lost it."""
    pages = [
        scan.scanned(_notice_first(), "notice-1", degrees=-0.45),
        scan.scanned(_notice_second(), "notice-2", degrees=0.5),
    ]
    info = {"Producer": "Corvel DocuStation 5340", "CreationDate": "D:20190319190207+02'00'"}
    return scan.as_pdf(pages, 200, info, quality=58)


_MINUTES = (
    "时间：2018年11月8日上午9时30分",
    "地点：海关码头一号楼三楼会议室",
    "主持：邬廷榕（副局长）",
    "出席：苗启橡（仓储科科长）、佘若榆（检查员）、塞丽玛·托尔盖（档案员，记录）",
    "列席：埃尔塔勒·库木什（九号仓库夜班班长）",
    "　　一、佘若榆汇报9月3日检查情况：九号仓库内实际清点至少2740桶，标签为氯酸钠，按每桶150公斤计算，至少411吨，"
    "合4.11万公斤。北墙一侧无法进入，未计入。库内另有润滑油60桶、过期船用火箭信号42箱。",
    "　　二、埃尔塔勒·库木什说，屋顶漏水，消火栓无水，四十一号表上有两次签名不是他本人所签。他请求把火箭信号先搬走。"
    "苗启橡说，搬运费用八万六千克朗没有列入预算，春季拍卖之前不考虑。",
    "　　三、佘若榆再次表示不在四十一号表上签字。苗启橡要求她按7号通知办理。"
    "佘若榆说，7号通知违反《港口安全法》第四十一条。",
)
_MINUTES_2 = (
    f"　　四、关于二号食堂。夜班食堂新来的工人{INNOCENT.chinese}（女，十九岁，"
    f"证件号{INNOCENT_NUMBER}）曾从九号仓库西门经过，"
    "被门卫拦下登记。经查，她走错了路，没有进入仓库，也没有看到任何货物，此事与她无关，不作处理。",
    "　　五、邬廷榕总结：我要求在记录中写明，我两次向局长书面报告，均未得到答复。第一次是9月17日，第二次是10月22日。"
    "如果发生事故，责任不在检查员和夜班工人。",
    "　　六、会议决定：（一）向局长第三次报告；（二）检查报告随本纪要一并送达；（三）档案员保存副本一份。",
    "　　散会时间：上午11时05分。",
)


def minutes() -> bytes:
    """Two pages of 8 November 2018: the count, the slip of a zero, and a girl who has nothing to do with it."""
    first = _paper()
    first.line(AUTHORITY.chinese + "安全办公室", points=24, bold=True, align="centre", ink=RED)
    first.line("会 议 纪 要", points=24, bold=True, align="centre", ink=RED)
    first.line("（未编号）", points=13, align="centre")
    first.rule(weight=5, ink=RED, gap=3)
    first.gap(3)
    for text in _MINUTES[:5]:
        first.paragraph(text, after=0)
    first.gap(2)
    for text in _MINUTES[5:]:
        first.paragraph(text, after=0)
    second = _paper()
    for text in _MINUTES_2:
        second.paragraph(text, after=0)
    second.gap(20)
    second.line("记录：塞丽玛·托尔盖", align="end", inset=10)
    second.line("审核：邬廷榕", align="end", inset=10)
    pages = [
        scan.scanned(first.picture, "minutes-1", degrees=0.35),
        scan.scanned(second.picture, "minutes-2", degrees=-0.6),
    ]
    return scan.as_pdf(pages, 200, {"Producer": "Corvel DocuStation 5340"}, quality=58)


def store_ledger() -> bytes:
    """One page of the store's own ledger in Chinese, with the year's entries for Shed 9."""
    sheet = Sheet("chinese", dpi=200, size=(297, 210), margins=(20, 16), points=13)
    sheet.line("九号仓库存放货物台账（2018年度）", points=20, bold=True, align="centre")
    sheet.line("填表：仓储科　　　　　审核：苗启橡　　　　　第3页，共3页", points=11.5)
    sheet.gap(4)
    rows = [
        ("日期", "货物名称", "来源", "数量", "位置", "备注"),
        ("1月10日", "工业用盐（扣留）", "昂德拉塞尔轮", "2740桶以上", "东半部", "北墙一侧未清点"),
        ("1月10日", "润滑油", "老佩勒姆轮", "60桶", "东三排", "欠费"),
        ("3月28日", "船用火箭信号", "费林夫人轮", "42箱", "东三排", "过期待销毁"),
        ("4月25日", "同上", "—", "同上", "同上", "沿用3月28日记录"),
        ("7月18日", "同上", "—", "同上", "同上", "沿用3月28日记录"),
        ("8月29日", "同上", "—", "同上", "同上", "沿用3月28日记录"),
        ("10月24日", "同上", "—", "同上", "同上", "沿用3月28日记录"),
        ("12月19日", "同上", "—", "同上", "同上", "沿用3月28日记录"),
    ]
    sheet.table(rows, [1.6, 3, 2.5, 2.2, 1.7, 3.2], points=12.5, row_mm=11)
    sheet.gap(5)
    sheet.paragraph(
        "说明：本页各项温度均为14度，湿度均为41%。屋顶漏水事项不在本表填报范围之内。", points=12
    )
    return scan.as_png(scan.scanned(sheet.picture, "store-ledger", degrees=0.3, noise=6), 200)


FILES: dict[str, Callable[[], bytes]] = {
    "delivery-1/scan-0002.pdf": notice,
    "delivery-3/scans/会议纪要 2018-11-08.pdf": minutes,
    "delivery-3/scans/九号仓库台账.png": store_ledger,
}
