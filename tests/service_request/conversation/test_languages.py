"""In which language somebody writes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service_request.conversation.languages import language_of


@pytest.mark.rule("SE-1")
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("pl", "Szkoła nie chce przyjąć mojego syna"),
        ("pl", "Moj syn nie ma miejsca w szkole, prosze o pomoc"),
        ("pl", "Dzień dobry"),
        ("ro", "Fiul meu nu are loc la scoala"),
        ("ro", "Bună ziua, vă rog"),
        ("ur", "Mera beta school nahi ja raha, madad chahiye"),
        ("ur", "میرے بیٹے کو اسکول میں مدد چاہیے"),
        ("pa", "ਸਕੂਲ ਮੇਰੇ ਪੁੱਤਰ ਨੂੰ ਦਾਖਲ ਨਹੀਂ ਕਰਦਾ"),
        ("ar", "المدرسة لا تقبل ابني"),
        ("fa", "پسر من به مدرسه نمی رود"),
        ("ku", "کوڕەکەم ناچێتە قوتابخانە"),
        ("bn", "স্কুল আমার ছেলেকে নিচ্ছে না"),
        ("uk", "Школа не приймає мого сина, що робити"),
        ("ru", "Школа не принимает моего сына, мы не знаем"),
        ("tr", "Oğlum okula gitmiyor, yardım"),
        ("cs", "Můj syn nechodí do školy"),
        ("pt", "Meu filho não tem escola"),
        ("fr", "Bonjour, mon fils ne va pas à l'école"),
        ("es", "Hola, mi hijo no tiene colegio"),
        ("cy", "Mae fy mab ddim yn cael mynd i'r ysgol"),
        ("so", "Wiilkaygu ma tago iskuulka, fadlan iga caawi"),
        ("ku", "Kurê min naçe dibistanê"),
        ("zh", "我的儿子不能上学"),
        ("el", "Το παιδί μου δεν πάει σχολείο"),
        ("lt", "Mano sūnus neina į mokyklą, prašau pagalbos"),
    ],
)
def test_another_language_is_noticed(language, text):
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "school won't let my son in, dont know what to do",
        "idk",
        "hes nt goin skool",
        "yes pls",
        "8 sorry 9",
        "Kwame Mensah",
        "Łukasz",
        "my sons name is Mateusz Kowalski and he goes to Szkoła Polska on saturdays",
        "12 Mill Lane Westmarch",
        "autism adhd dyslexia",
        "SENDIASS EHCP tribunal mediation refusal",
        "cameron kerrigan",
        "good thx",
        "Thursday afternoon after 3pm",
        "no",
        "tak",
        "👍",
        "12/11/2026",
        "he's 9 and in Y5 at St Aelred's, permanently excluded on friday",
        "mi son no longer has a place",
        "I said ma, es la vida",
    ],
)
def test_english_names_and_what_is_too_short_are_no_other_language(text):
    assert language_of(text) is None


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=120))
def test_any_text_has_one_language_or_none_and_the_same_each_time(text):
    first = language_of(text)
    assert first is None or (first.isalpha() and len(first) == 2)
    assert language_of(text) == first
