"""What is cut from pages. Pages, lists and sentences in this file are synthetic."""

from __future__ import annotations

import json
import time
import tomllib
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paths import CASES, ROOT, SEEDS
from stance.errors import LexiconError
from stance.reading.furniture import (
    cuts,
    load_furniture,
    prose,
    rule_cuts,
    shipped,
    without,
)
from stance.reading.page_shapes import Cut, page_of
from stance.reading.rules import marked, read_form
from stance.reading.wrapping import joined_lines
from stance.repair import apply_edits, repair
from stance.text import sentence_spans

CASES_FILE = tomllib.loads((CASES / "reading_pages.toml").read_text("utf-8"))
BODY = CASES_FILE["body"]
PAGES = CASES_FILE["page"]


def test_every_rule_proves_its_examples():
    def cut(tested, text):
        page = page_of(text)
        return list(rule_cuts(tested, page)) if tested in shipped().asked(page) else []

    wrong = []
    for tested in shipped().rules:
        rule = tested.rule
        for example in rule.yes:
            text, spans = marked(example)
            found = [(one.start, one.end) for one in cut(tested, text)]
            if found != spans:
                wrong.append((rule.name, example, found))
        wrong += [(rule.name, no) for no in rule.no if cut(tested, no)]
    assert not wrong
    assert all(tested.rule.yes and tested.rule.no for tested in shipped().rules)


def test_every_sign_of_an_empty_page_proves_its_examples():
    wrong = []
    for hollow, pattern in shipped().hollows:
        wrong += [example for example in hollow.yes if not pattern.search(read_form(example))]
        wrong += [example for example in hollow.no if pattern.search(read_form(example))]
    assert not wrong
    assert all(hollow.yes and hollow.no for hollow, _ in shipped().hollows)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page["name"])
def test_pages(page):
    text, spans = marked(page["text"].replace("{body}", BODY))
    wanted = spans if "〖" in page["text"] else []
    assert [(cut.start, cut.end) for cut in cuts(text)] == wanted


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        # A timeline, a transcript, a poem, a list, questions and answers.
        "2023年3月28日\n公司宣布分拆。\n2023年5月18日\n云业务启动上市。\n2023年11月16日\n分拆取消。",
        "大家好我是李默\n今天聊聊云计算\n分享一下我的看法\n关注这家公司的人很多\n评论区也吵得厉害",
        "第一，收入在涨。\n第二，利润在跌。\n1. 收藏夹里的商品降价了。",
        "问：图怎么看？\n答：看趋势，不看数字。",
        "记者在现场看到，仓库已经搬空。\n来源不明的货堆在门口，没有人认领，保安说已经放了三天。",
        "作者是谁，并不重要。\n文章写得好，转载的人自然多。",
        "免责声明救不了平台。\n未经授权的代理商被清退。\n版权所有者起诉了三家平台。",
        "首页改版之后，流量涨了三成。\n广告收入占了七成。",
    ],
)
def test_prose_is_never_cut(text):
    assert cuts(text) == []


PROSE = """公司一季度收入增长三成，利润却下降了一半，分析师认为补贴还会持续两个季度，直到对手退出。
负责人在电话会上说，账上还有三百亿元，够用两年，不会退出这个市场，也不会再降价了。
对手没有回应，只说下个月还有一场发布会，价格还会再降三成，届时所有门店的负责人都会到场。"""


@pytest.mark.parametrize(
    ("tail", "cut"),
    [
        # Below a line that is known, or three of them.
        ("责任编辑：李默\n某某频道\n回看", ["责任编辑：李默", "某某频道", "回看"]),
        ("某某频道\n编辑室的灯\n夜班", ["某某频道", "编辑室的灯", "夜班"]),
        ("責任編輯：李默\n某某頻道", ["責任編輯：李默", "某某頻道"]),
        # One or two, and what a writer sets below a text.
        ("这就是商业\n责任编辑：李默", ["责任编辑：李默"]),
        ("某某频道\n回看", []),
        ("某某公司\n董事长 李默\n2024年5月9日", ["2024年5月9日"]),
        ("此致\n敬礼\n某某公司", []),
        ("1. 收入报告\n2. 利润表\n3. 现金流量", []),
        ("收入：三亿\n利润：一亿\n现金流：没有", []),
        ("春江潮水连海平\n海上明月共潮生\n滟滟随波千万里\n何处春江无月明", []),
        ("床前明月光，\n疑是地上霜。\n举头望明月，\n低头思故乡。", []),
        ("获奖的公司如下：\n某某电子\n某某纺织公司\n某某咖啡", []),
    ],
)
def test_the_tail_of_a_pasted_page(tail, cut):
    text = f"{PROSE}\n{tail}"
    assert [text[one.start : one.end].strip() for one in cuts(text)] == cut


def test_comments_go_to_the_end_only_below_a_longer_text():
    comments = "网友评论\n老李：贵了\n有人说值。"
    text = f"{PROSE}\n{comments}"
    assert without(text, cuts(text)) == f"{PROSE}\n"
    short = f"公司没有回应。\n{comments}"
    assert cuts(short) == []


# All that is cut from the synthetic articles: bylines, captions, notices; no prose.
CUT_FROM_SYNTHETIC = {
    "本报记者 沈知夏 杭州报道",
    "（翻译：陆一川）",
    "文｜程鹿野　编辑｜胡不归",
    "本刊记者　白露　发自深圳",
    "数据来源：各基金公司三季报，本报整理",
    "記者林郁芳／台北報導",
    "（作者為科技業自由撰稿人）",
    "作者简介：老秦，前券商分析师，现在卖茶。",
    "风险提示：以上内容不构成投资建议。",
    "来源：观潮者网 编辑：小北",
    "（本文不代表本報立場）",
    "下一篇：怎样让储藏室不着火。",
    "（编译：宋知微；审校：老K）",
    "图：7月12日，杭州武林路，等单的骑手在树荫下乘凉。",
    "本文不构成投资建议，亏了别来找我。",
    "图：吉隆坡数据中心外景。（企业供图）",
    "（記者林郁庭／台北報導）",
    "（本文不构成投资建议）",
    "〔記者簡采薇／台北報導〕",
    "责任编辑：裴照　美术：田小满　印数：四万一千册",
    "以上内容由编辑部整理，不构成投资建议。",
    "来源：坝上日报　记者　乔建林　通讯员　白雪梅",
    "（翻譯：溫如玉　校對：何明）",
    "记者｜陶然　编辑｜沈一川",
    "（编辑：蒋亦南）",
    "圖：上地五街舊址，現為一家羽毛球館。（資料圖片）",
    "相關文章：抽傭率是怎樣煉成的／三分鐘看懂電商術語",
    "责任编辑：詹若水",
    "圖說：送測樣片的散熱片上留有手寫編號。攝影／邱紹文",
    "照片：旧金山Fort Mason的一场黑客松，贴纸由参赛者自带。",
    "圖：塞納河畔的臨時轉播車。法新社",
    "扫描文末二维码，领取本期思维导图",
    "製圖：本刊資料組；資料來源：公司年報",
    "本报告仅供机构客户参阅，未经书面许可不得转发。",
    "封面設計／紙飛機工作室",
    "（本文为作者个人观点，图片来自网络。）",
    "（作者為資深傳媒人，文章不代表本報立場）",
    "欢迎转发到朋友圈，让更多人看到。",
    "（封面图片来自期刊官网）",
    "（编译 邵宁；审校 蔡彤）",
    "参见：易趣；电子商务史；价格战",
    "香港交易及结算所有限公司及香港联合交易所有限公司对本公告的内容概不负责。",
    "©2025年德国之声版权声明：本文所有内容受到著作权法保护。",
    "【文/观察者网 卓然】",
    "【来源：IT之家】",
    "〔記者林曉雯／香港報導〕",
    "上述基金经理的持仓仅供参考，不构成买卖建议。",
    "作者：柳叶刀下的猫，知乎盐选专栏",
    "作者｜柳江 编辑｜简希",
    "先声明，本文不构成投资建议，我自己也有持仓。",
    "写到这里三千字了，点个在看再走。",
    "图为10月13日大会主会场，摄影/陈默。",
    "图为10月19日，观众在云栖大会现场参观服务器展区。",
    "图为2014年某地公安机关查获的仿冒运动鞋，资料照片。",
    "图为余杭云计算中心外景，摄影/本刊记者",
    "图为列日枢纽的交叉带分拣机。（企业供图）",
    "图为张北某数据中心外景。视觉中国",
    "图片来源：视觉中国",
    "图片说明：杭州西溪园区（资料图片）",
    "好了，今天就到这儿，觉得有用点个“在看”。",
    "好了，本期视频就到这里，一键三连，下期见。",
    "摄影：邱叶",
    "撰文：程亦然 编辑：老莫",
    "撰文｜大河报记者 段伟朵",
    "撰稿／邱玥；编辑／李涛",
    "整理／乔安",
    "文丨高若岚",
    "文中所列信息不构成投资建议。",
    "文｜陆川北　编辑｜何音",
    "本报记者 苏沐",
    "本报记者 贺蓓 实习生 朱可",
    "本报记者 陆一鸣 杭州报道",
    "本文不构成投资建议。",
    "本栏逢周三见报。",
    "来源：《商业纵横》杂志2023年第8期　责任编辑：许可",
    "来源：作者原创，首发于个人公众号",
    "来源：出海茶馆　转载请联系授权",
    "来源：商业观察周刊　作者：林子衡",
    "来源：智通财经网",
    "来源：本报上海编辑部 责任编辑：沈蕾",
    "来源：本报综合",
    "来源：第一财经",
    "来源：经济日报 作者：余周",
    "来源：经济时评专栏",
    "法国国际广播电台 2019年11月26日",
    "点个“在看”，咱们下期接着聊。",
    "相关阅读：《OpenAI为何重返开源》",
    "编译：唐宁",
    "编辑/许诺　头图来源：IC Photo",
    "编辑：小满　审核：大江",
    "编辑：沈若愚",
    "编辑｜吴越",
    "节目的最后提醒各位听众，以上内容不作为操作依据。",
    "视频里用到的截图，均来自公开网络。",
    "記者：黃詠珊",
    "记者：郑佩珊",
    "财新记者 武晓蒙 发自上海",
    "责任编辑：乔娟",
    "责任编辑：凌云",
    "责任编辑：周洁",
    "责任编辑：沈若涵",
    "责任编辑：祁连",
    "责任编辑：葛小满",
    "责任编辑：郝思远",
    "责任编辑：郭小满",
    "责任编辑：陆一鸣",
    "采写：南都记者 蒋琳",
    "采写：新快报记者 冯嘉敏",
    "题图：视觉中国",
    "风险提示：以上均为个人记录，据此操作，盈亏自负。",
    "（《狮城商讯》记者 洪佩珊）",
    "（作者为某财经大学产业经济学教授）",
    "（作者为财经评论员，文章仅代表个人观点）",
    "（作者是本地科技记者）",
    "（作者系媒体人，文章不代表本报立场）",
    "（光明日报记者 李韵 通讯员 何晓东）",
    "（图为工人在琶洲馆拆卸展架。 摄影：黎旭阳）",
    "（图：路透）",
    "（央视网记者 巴黎报道）",
    "（据《农民时报》 记者 高鹏程）",
    "（未完待续）",
    "（本报记者 陆一鸣 杭州、列日报道）",
    "（本报记者　乔安民　通讯员　尹力）",
    "（本文仅代表作者观点，责编邮箱略。）",
    "（本文作者系数据库从业人员，不持有相关公司股份）",
    "（本文来源：21世纪经济报道）",
    "（本文系作者个人观点，欢迎转发到朋友圈）",
    "（編譯：林以潔）",
    "（編輯：林淑媛）",
    "（经济日报记者 王金虎）",
    "（编译 汪可；审校 谭力）",
    "（编译/田野）",
    "（编译/顾岚）",
    "（编辑 谢文静 校对 刘淼）",
    "（编辑：陈露）",
    "（翻译：罗敏）",
    "（记者 章可 通讯员 俞小舟）",
    "（记者 骆一鸣 发自香港）",
    "（责任编辑：小山）",
    "（责编：何俊 校对：李珊）",
    "（责编：宋阅、柯文）",
    "（配图来自网友投稿，侵删）",
    "参见：土豆网、酷6网、六间房",
    "觉得说得在理的，右下角点个“在看”。",
    "（编译 陈宗琦；审校 郑茵）",
    "（本文不构成任何投资建议，股市有风险，入市需谨慎。）",
    "（本文仅供参考，不构成任何投资建议。）",
}


def test_no_prose_is_cut_from_the_synthetic_articles():
    articles = defaultdict(list)
    for name in ("passages.jsonl", "press.jsonl"):
        for line in (ROOT / "training" / name).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            articles[row["article"]].append(row["text"])
    found = set()
    for sentences in articles.values():
        text = "\n".join(sentences)
        found |= {text[cut.start : cut.end].strip() for cut in cuts(text)}
        assert prose(text) is None, text
    assert found == CUT_FROM_SYNTHETIC


def test_no_prose_is_cut_from_the_seeds():
    found = []
    for path in sorted((SEEDS / "articles").glob("*.txt")):
        text, _ = repair(path.read_bytes().decode("utf-8"))
        found.append([(cut.rule, cut.end - cut.start) for cut in cuts(text)])
        assert prose(text) is None
        assert joined_lines(text) == []
    assert found == [
        [("byline", 7), ("copyright", 21)],
        [
            ("doubled abstract", 134),
            ("caption with a day", 29),
            ("caption with a day", 29),
            ("end", 12),
            ("numbered references", 374),
            ("byline", 8),
        ],
        [("disclaimer after a label", 56), ("disclaimer after a label", 198)],
        [
            ("outlet alone", 8),
            ("byline", 19),
            ("caption after a label", 17),
            ("disclaimer", 80),
        ],
        [("byline", 13), ("caption after a label", 20)],
    ]


PIECES = st.sampled_from(
    [example for tested in shipped().rules for example in (*tested.rule.yes, *tested.rule.no)]
    + BODY.split("\n")
    + ["", " ", "\r", "\u2028", "\u3000\u3000", "〖", "1", "★", "{", "\x00", "\ud800"]
)
TEXTS = st.lists(PIECES, max_size=12).map("\n".join) | st.text(max_size=200)


@given(TEXTS)
def test_cuts_are_ordered_disjoint_and_inside(text):
    found = cuts(text)
    position = 0
    for cut in found:
        assert position <= cut.start < cut.end <= len(text)
        position = cut.end
    assert len(without(text, found)) == len(text) - sum(cut.end - cut.start for cut in found)
    assert prose(text) is None or prose(text)


@given(TEXTS)
def test_joining_takes_out_nothing_but_blanks(text):
    edits = joined_lines(text)
    assert all(not text[edit.start : edit.end].strip() for edit in edits)
    assert all(edit.replacement in ("", " ") for edit in edits)
    assert "".join(apply_edits(text, edits).split()) == "".join(text.split())


def test_without_leaves_the_rest():
    assert without("甲乙丙丁", [Cut(0, 1, "x"), Cut(2, 3, "x")]) == "乙丁"


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        # Wrapped at one width, the last line shorter.
        (
            "公司一季度收入增长三成，利润却\n下降了一半。分析师认为，补贴还\n会持续两个季度。负责人在电话会\n"
            "上说，账上还有三百亿元，够用两\n年，不会退出。",
            "公司一季度收入增长三成，利润却下降了一半。分析师认为，补贴还会持续两个季度。负责人在电话会"
            "上说，账上还有三百亿元，够用两年，不会退出。",
        ),
        # Short paragraphs bear witness together; a blank line or an indent ends each of them.
        (
            "公司一季度收入增长三成，利润却下降了一半，分析师认\n为补贴还会持续。\n\n负责人在电话会上说，账上还有三百亿元，"
            "够用两年。他\n不会退出。\n\n对手没有回应，只说下个月还有一场发布会，价格还会再\n降三成。",
            "公司一季度收入增长三成，利润却下降了一半，分析师认为补贴还会持续。\n\n负责人在电话会上说，账上还有三百亿元，"
            "够用两年。他不会退出。\n\n对手没有回应，只说下个月还有一场发布会，价格还会再降三成。",
        ),
        # A narrow column in traditional script, paragraphs indented, one line full up to its stop.
        (
            "雙重上市掃清障礙\n　　港交所昨日公布，有關公司納入\n港股通的安排維持不變。市場人士說\n"
            "這等於掃清障礙，北水將會來。券商\n估計，半年可吸引千億元。\n"
            "　　不過股評人提醒，消息早已反映\n在股價，投資者不宜高追。",
            "雙重上市掃清障礙\n　　港交所昨日公布，有關公司納入港股通的安排維持不變。市場人士說"
            "這等於掃清障礙，北水將會來。券商估計，半年可吸引千億元。\n"
            "　　不過股評人提醒，消息早已反映在股價，投資者不宜高追。",
        ),
        # Half-width stops, and a decimal point at the end of a line.
        (
            "公司一季度收入增长三成,利润却下降了一半.分析师认\n为,补贴还会持续两个季度.负责人说,账上还有三百二十\n"
            "亿元,够用两年.他说,毛利率去年是百分之十二,今年是\n百分之九,明年会好.",
            "公司一季度收入增长三成,利润却下降了一半.分析师认为,补贴还会持续两个季度.负责人说,账上还有三百二十"
            "亿元,够用两年.他说,毛利率去年是百分之十二,今年是百分之九,明年会好.",
        ),
        # Headlines of one length, couplets, captions, and a page whose paragraphs are lines.
        (
            "某公司一季度收入增长三成，利润减半\n某公司二季度收入增长两成，利润腰斩\n某公司三季度收入增长一成，利润归零",
            None,
        ),
        (
            "春江潮水连海平，海上明月共潮生\n滟滟随波千万里，何处春江无月明\n江流宛转绕芳甸，月照花林皆似霰\n"
            "空里流霜不觉飞，汀上白沙看不见",
            None,
        ),
        (
            "公司一季度收入增长三成，利润却下降了一半。\n分析师认为，补贴还会持续两个季度，直到退出。\n"
            "负责人在电话会上说，账上还有三百亿元，够用。\n对手没有回应，只说下个月还有一场发布会，不见。",
            None,
        ),
        # A sign that cannot begin a line, and a number taken out of its brackets.
        ("直接參與度達到五年來最強\n。知情人士透露", "直接參與度達到五年來最強。知情人士透露"),
        ("公司（\n09988\n）股价上涨。", "公司（09988）股价上涨。"),
        # A paragraph that a page's end parted: alone among indented ones its second half is flush.
        (
            "　　公司一季度收入增长三成，利润却下降了一半，分析师认为补贴还会持续。\n"
            "　　负责人在电话会上说，账上还有三百亿元，够用两年，他不会退出。\n"
            "　　对手没有回应。业内人士估计，眼下全国各地的仓库里，\n\n\n"
            "这种商品的库存已有三百万台，谁也不急。\n"
            "　　经销商告诉记者，仓库里堆着两年的量，公司主动收回了三成。",
            "　　公司一季度收入增长三成，利润却下降了一半，分析师认为补贴还会持续。\n"
            "　　负责人在电话会上说，账上还有三百亿元，够用两年，他不会退出。\n"
            "　　对手没有回应。业内人士估计，眼下全国各地的仓库里，"
            "这种商品的库存已有三百万台，谁也不急。\n"
            "　　经销商告诉记者，仓库里堆着两年的量，公司主动收回了三成。",
        ),
        # A heading among indented paragraphs stays, under a paragraph that lacks its stop too.
        (
            "　　公司一季度收入增长三成，利润却下降了一半，分析师认为补贴还会持续。\n"
            "　　负责人在电话会上说，账上还有三百亿元，够用两年，他不会退出。\n"
            "　　对手没有回应，业内人士估计眼下全国各地的仓库里都是货\n\n"
            "三百万台库存去了哪里没有人说\n"
            "　　经销商告诉记者，仓库里堆着两年的量，公司主动收回了三成。",
            None,
        ),
        # A long line that ends in a comma.
        (
            "分析师在昨天发布的报告里认为，这一轮补贴至少还会持续两个季度，\n直到对手退出为止。",
            "分析师在昨天发布的报告里认为，这一轮补贴至少还会持续两个季度，直到对手退出为止。",
        ),
        # A poem, a list, a table, headings, a dialogue and a transcript stay.
        ("床前明月光，\n疑是地上霜。\n举头望明月，\n低头思故乡。", None),
        ("一、收入\n二、利润\n三、现金", None),
        ("季度\t收入\n一季度\t100\n二季度\t120", None),
        ("利润腰斩之后\n公司一季度收入增长三成，利润却下降了一半。", None),
        ("李默：你怎么看\n周行：我不看", None),
        (
            "大家好我是李默\n今天我们聊聊云计算\n这家公司我看了十年\n说实话挺失望的\n但是也有希望",
            None,
        ),
    ],
)
def test_wrapped_lines_are_joined(text, joined):
    assert apply_edits(text, joined_lines(text)) == (joined or text)


def test_a_transcript_without_stops_is_a_sentence_a_line():
    text = "大家好我是李默\n今天我们聊聊云计算\n这家公司我看了十年"
    edits = joined_lines(text)
    assert edits == []
    assert len(sentence_spans(text)) == 3


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BODY, None),
        ("公司上线了新区域。", None),
        ("大家好我是李默\n今天我们聊聊云计算\n这家公司我看了十年\n说实话挺失望的\n但是也有希望\n"
         "你们怎么看呢\n我觉得不好说\n就是这样的\n那我们下次见", None),
        ("某公司一季度利润腰斩", "a headline without a text"),
        ("某公司一季度利润腰斩\n2024-05-09 10:23\n来源：新京报", "a headline without a text"),
        ("首页\n新闻\n财经\n科技\n体育\n登录\n注册\n关于我们", "nothing left but page furniture"),
        ("女装\n男装\n童装\n鞋靴\n箱包\n配饰\n家纺\n美妆", "a menu or a list, hardly a sentence"),
        ("![](a.png)\n![](b.png)", "pictures alone"),
        ("![](a.png)\n公司总部夜景", "pictures and their captions, no text"),
        (f"第2页 共3页\n{BODY}", "a later page of an article that spreads over several"),
        ("404 页面不存在\n返回首页", "the page was not found or has been taken down"),
        ("环境异常\n完成验证后即可继续访问",
         "a page for logging in or for checking that a person reads"),
        ("\n".join(f"{n}月 1{n}2.5 2{n}3.4 3{n}5.6 45{n}7" for n in range(1, 9)),
         "tables of numbers, hardly a sentence"),
        ("翌日披露报表\n证券代码：09988\n股份购回", "a filing or a form, hardly an article"),
    ],
)  # fmt: skip
def test_pages_without_an_article(text, reason):
    assert prose(text) == reason
    assert prose(text, cuts(text)) == reason


def test_no_rule_takes_long_over_a_hostile_line():
    # Repeats of what a rule looks for, and an end that it does not: where patterns run astray.
    started = time.perf_counter()
    for tested in shipped().rules:
        longest = min(tested.rule.longest, 2000)
        for seed in ("1", " ", "www.", "分享 1", "·", "> -", "https://a ", *tested.rule.yes[:2]):
            line = read_form((seed.replace("\n", " ") * longest)[: longest - 1] + "\\")
            list(tested.pattern.finditer(line))
            tested.pattern.fullmatch(line)
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[rule]]\nname = "x"\nkind = "row"\npattern = "a"\n', "allowed are line, block, inside"),
        ('[[rule]]\nname = "x"\nkind = "line"\npatern = "a"\n', "did you mean 'pattern'"),
        ('[[rule]]\nname = "x"\nkind = "line"\npattern = "(a"\n', "not a regular expression"),
        ('[[rule]]\nname = "x"\nkind = "line"\npattern = "<<no>>"\n', "<<no>> is not in [parts]"),
        ('[parts]\na = 1\n', "the part 'a' must be a string"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line_and_its_mend(tmp_path, text, message):
    path = tmp_path / "furniture.toml"
    path.write_text("schema = 1\n" + text, encoding="utf-8")
    with pytest.raises(LexiconError, match=r"furniture.toml:\d") as error:
        load_furniture(path)
    assert message in str(error.value)
