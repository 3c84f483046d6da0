"""Known scales are recognised in every spelling that forms and people use, and nothing else is."""

from __future__ import annotations

import unicodedata

import pytest

from survey.codebook import Variable
from survey.codebook.scales import known_scale, recognise, recognise_codes, scale_names

FIVE = ["Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"]

IMPORTANCE = [f"{degree} important" for degree in ("Not at all", "Slightly", "Moderately", "Very", "Extremely")]


def bare(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in letters if not unicodedata.combining(c))


@pytest.mark.parametrize(
    "spell",
    [
        lambda i, t: t,
        lambda i, t: t.upper(),
        lambda i, t: bare(t),
        lambda i, t: unicodedata.normalize("NFD", t),
        lambda i, t: f"{i}. {t}",
        lambda i, t: f"{i} - {t}",
        lambda i, t: f"({i}) {t}",
        lambda i, t: f"{t} ({i})",
        lambda i, t: f" {t}  ",
        lambda i, t: t.title(),
    ],
)
def test_a_scale_in_every_spelling(spell: object) -> None:
    answers = [spell(i, t) for i, t in enumerate(FIVE, 1)]  # type: ignore[operator]
    scale = recognise(sorted(answers))
    assert scale is not None and scale.name == "satisfaction5" and scale.direction == 1
    assert scale.answers == tuple(answers)
    assert scale.labels[answers[0]]["en"] == "Very dissatisfied" and scale.labels[answers[4]]["vi"] == answers[4]


# each list is in the order that its questionnaire has, lowest first
@pytest.mark.parametrize(
    ("name", "answers"),
    [
        # Eurobarometer
        ("satisfaction4", ["Not at all satisfied", "Not very satisfied", "Fairly satisfied", "Very satisfied"]),
        ("satisfaction5", ["Very dissatisfied", "Dissatisfied", "Neither", "Satisfied", "Very satisfied"]),
        ("satisfaction3", ["Chưa hài lòng", "Bình thường", "Rất hài lòng"]),
        ("agreement5", ["Hoàn toàn không đồng ý", "Không đồng ý", "Phân vân", "Đồng ý", "Hoàn toàn đồng ý"]),
        ("agreement5", ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"]),
        ("agreement4", ["Disagree strongly", "Disagree", "Agree", "Agree strongly"]),
        ("frequency5", ["Never", "Rarely", "Sometimes", "Often", "Always"]),
        ("frequency4", ["Không bao giờ", "Hiếm khi", "Thỉnh thoảng", "Luôn luôn"]),
        ("ease5", ["Rất khó khăn", "Khó khăn", "Bình thường", "Dễ dàng", "Rất dễ dàng"]),
        ("quality5", ["Rất kém", "Kém", "Trung bình", "Tốt", "Rất tốt"]),
        ("quality4", ["Poor", "Fair", "Good", "Excellent"]),
        ("trust4", ["None at all", "Not very much", "Quite a lot", "A great deal"]),  # World Values Survey
        ("importance5", IMPORTANCE),
        ("yes_no", ["Không", "Có"]),
        ("yes_no", ["no", "YES"]),
        ("yes_partly_no3", ["Không", "Một phần", "Có"]),
        ("how_often4", ["Never", "Once a year", "Once a month", "Daily"]),
        ("education4", ["Tiểu học", "THCS", "THPT", "Đại học"]),
        ("satisfaction3", ["Không hài lòng / Dissatisfied", "Bình thường / Neutral", "Hài lòng / Satisfied"]),
        ("bands", ["Dưới 18", "18-29", "30-44", "45 tuổi trở lên"]),
        ("bands", ["Dưới 5 triệu", "5-10 triệu", "Trên 10 triệu"]),
        ("bands", ["Under $25,000", "$25,000 to $50,000", "$50,000 or more"]),
        ("bands", ["Từ 18 đến dưới 30 tuổi", "Từ 30 đến 45 tuổi", "Trên 45 tuổi"]),
    ],
)  # fmt: skip
def test_its_order_is_that_of_the_questionnaire(name: str, answers: list[str]) -> None:
    scale = recognise(sorted(answers))
    assert scale is not None and (scale.name, scale.answers) == (name, tuple(answers))


@pytest.mark.parametrize(
    "answers",
    [
        ["Nam", "Nữ"],
        ["P01", "P02", "P03"],
        ["Hài lòng"],
        ["Bình thường", "Trung lập"],
        ["Hài lòng", "Rất hài lòng", "Không biết"],
        ["Đồng ý", "Hài lòng"],
        ["Hài lòng", "hài lòng", "Không hài lòng"],  # two spellings of one point are no scale
        ["1", "2", "3"],
        ["Kinh", "Tày", "Khác"],
        ["18-30", "25-40", "Trên 40"],  # bands that overlap
        ["5 km", "10 km", "6 triệu"],
        [],
    ],
)
def test_what_is_no_scale_is_none(answers: list[str]) -> None:
    assert recognise(answers) is None


def test_numbers_labelled_in_words_are_ordered_and_directed() -> None:
    up = {i: {"vi": t} for i, t in enumerate(FIVE, 1)}
    down = {i: {"vi": t} for i, t in enumerate(reversed(FIVE), 1)}
    mixed = {1: {"vi": "Hài lòng"}, 2: {"vi": "Không hài lòng"}, 3: {"vi": "Bình thường"}}
    found = recognise_codes(up)
    assert found is not None and (found.name, found.direction) == ("satisfaction5", 1)
    turned = recognise_codes(down)
    assert turned is not None and (turned.answers, turned.direction) == ((1, 2, 3, 4, 5), -1)
    assert recognise_codes(mixed) is None


def test_ends_in_words_and_numbers_between_are_a_scale() -> None:
    scale = recognise(["1 - Rất không hài lòng", "2", "3", "4", "5 - Rất hài lòng"])
    assert scale is not None and scale.answers[0] == "1 - Rất không hài lòng" and scale.answers[1:4] == ("2", "3", "4")
    down = recognise(["1 - Very satisfied", "2", "3", "4", "5 - Very dissatisfied"])
    assert down is not None and down.answers[-1] == "1 - Very satisfied" and down.direction == 1


@pytest.mark.parametrize("name", scale_names())
def test_every_named_scale_is_whole_in_both_languages_and_recognises_itself(name: str) -> None:
    scale = known_scale(name)
    assert scale is not None
    for lang in ("vi", "en"):
        texts = [t[lang] for t in scale.labels.values()]
        assert len(set(texts)) == len(texts) == len(scale.answers)
        again = recognise(texts)
        assert again is not None and again.answers == tuple(texts) and again.direction == scale.direction, texts


class TestLabelledAtEnds:
    @pytest.mark.parametrize(
        ("labels", "codes"),
        [
            ([0, 10], tuple(range(11))),
            ([1, 7], tuple(range(1, 8))),
            ([1, 4, 7], tuple(range(1, 8))),
            ([0, 5, 10], tuple(range(11))),
            ([0, 100], tuple(range(101))),
            ([0, 1], (0, 1)),
            ([1, 2, 3], (1, 2, 3)),
            ([1, 2, 8], (1, 2, 8)),  # 8 is no end of a scale whose middle is 2
            ([1, 99], (1, 99)),
            ([-99, 1], (-99, 1)),
        ],
    )
    def test_codes_between_are_answers(self, labels: list[int], codes: tuple[int, ...]) -> None:
        texts = {c: {"en": f"label {c}"} for c in labels}
        assert Variable("q", type="ordinal", labels=texts).codes == codes
        assert Variable("q", type="nominal", labels=texts).codes == tuple(labels)

    def test_declared_missing_codes_are_none(self) -> None:
        texts = {0: {"en": "cold"}, 100: {"en": "warm"}}
        v = Variable("q", type="ordinal", labels=texts, missing={98: "dont_know", 99: "refused"})
        assert 98 not in v.codes and 97 in v.codes and v.labelled_at_ends


# as field questionnaires have them: CEP 80 (Chile), Actualidades (Costa Rica), ESEB 2018 (Brazil), Latinobarómetro,
# the French part of Eurobarometer
@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("satisfaction5", ["Muy insatisfecho", "Poco satisfecho", "Algo satisfecho", "Satisfecho", "Muy satisfecho"]),
        ("satisfaction5", ["Totalmente insatisfecha", "Insatisfecha", "Ni satisfecha ni insatisfecha",
                    "Satisfecha", "Muy satisfecha"]),
        ("agreement5", ["Muy en desacuerdo", "En desacuerdo", "Ni de acuerdo ni en desacuerdo (NO LEA)",
                    "De acuerdo", "Muy de acuerdo"]),
        ("quality5", ["MUY MALO", "malo", "REGULAR (NO LEA)", "bueno", "MUY BUENO"]),
        ("frequency5", ["Nunca", "Casi nunca", "A VECES (NO LEA)", "Casi siempre", "Siempre"]),
        ("trust4", ["Ninguna confianza", "Poca confianza", "Algo de confianza", "Mucha confianza"]),
        ("trust4", ["Ninguna", "Poca", "Algo", "Mucha"]),
        ("amount4", ["Nada", "Poco", "Algo", "Mucho"]),
        ("satisfaction4", ["Pas du tout satisfait", "Plutôt pas satisfait", "Plutôt satisfait", "Très satisfait"]),
        ("satisfaction4", ["Pas du tout satisfait(e)", "Peu satisfait(e)", "Assez satisfait(e)", "Très satisfait(e)"]),
        ("agreement4", ["Pas du tout d'accord", "Plutôt pas d’accord", "Plutôt d'accord", "Tout à fait d'accord"]),
        ("frequency4", ["Jamais", "Rarement", "Parfois", "Souvent"]),
        ("quality4", ["Mauvaise", "Moyenne", "Bonne", "Excellente"]),
        ("trust4", ["Pas du tout confiance", "Plutôt pas confiance", "Plutôt confiance", "Tout à fait confiance"]),
        ("satisfaction5", ["Nada satisfeito(a)", "Pouco satisfeito(a)",
                    "Nem satisfeito(a), nem insatisfeito(a) (Esp.)", "Satisfeito(a)", "Muito satisfeito(a)"]),
        ("agreement5", ["Discorda muito", "Discorda um pouco", "Nem concorda, nem discorda (Esp.)",
                    "Concorda um pouco", "Concorda muito"]),
        ("agreement5", ["Discordo totalmente", "Discordo", "Não concordo nem discordo", "Concordo",
                    "Concordo totalmente"]),
        ("quality6", ["Péssima", "Ruim", "Regular negativo (Esp.)", "Regular positivo (Esp.)", "Boa", "Ótima"]),
        ("frequency4", ["Nunca", "Raramente", "Às vezes", "Sempre"]),
        ("trust4", ["Nenhuma confiança", "Pouca confiança", "Alguma confiança", "Muita confiança"]),
        ("importance4", ["Nada importante", "Pouco importante", "Mais ou menos importante", "Muito importante"]),
    ],
)  # fmt: skip
def test_spanish_french_and_portuguese_scales_in_their_order(name: str, answers: list[str]) -> None:
    scale = recognise(sorted(answers))
    assert scale is not None and (scale.name, scale.answers) == (name, tuple(answers))
    assert {lang: [text[lang] for text in scale.labels.values()] for lang in ("vi", "en")} == {
        "vi": answers,
        "en": answers,
    }, "nobody translates them"


def test_french_stays_french_where_one_answer_is_english_too() -> None:
    scale = recognise(["Mauvais", "Moyen", "Bon", "Excellent"])
    assert scale is not None and scale.labels["Excellent"]["vi"] == "Excellent"


@pytest.mark.parametrize(
    "answers",
    [
        ["Norte", "Sur", "Centro"],
        ["Trabaja", "Estudia", "Ninguna"],
        ["Mejora", "No afecta", "Empeora"],  # in no order that its words give
        ["Casado(a)", "Soltero(a)", "Viúvo(a)"],
        ["Preto", "Pardo", "Branco", "Amarelo"],
        ["Nulo", "Blanco", "No vota"],
        ["Regular", "Neutro"],
        ["Oui", "Non", "Parfois"],
    ],
)
def test_names_in_these_languages_are_no_scale(answers: list[str]) -> None:
    assert recognise(answers) is None
