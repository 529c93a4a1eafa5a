"""Words that may mean a child is in danger now."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service_request.domain.danger import danger_words, speak_of_danger


@pytest.mark.rule("EV-10")
@pytest.mark.parametrize(
    "text",
    [
        "He’s hitting him now",
        "She is in immediate danger",
        "Dad said he'll kill mum tonight",
        "my mums boyfriend hits me",
        "I took all my tablets",
        "The baby won't wake up",
        "He tried to strangle her",
        "He has a KNIFE",
        "She is unconscious",
        "overdose",
        "he wants to die",
        "I am scared to go home",
        "he is missing from home since Sunday",
        "They are leaving the country tomorrow",
        "bruising on his neck",
        "the toddler is alone",
        "it is happening right now",
        "call an ambulance",
        "hes gonna   kill\nme",
        "suicidal thoughts",
    ],
)
def test_present_danger_is_heard(text):
    assert danger_words(text)


@pytest.mark.rule("EV-10")
@pytest.mark.parametrize(
    "text",
    [
        "hes hitin me",
        "my dad is hittin my brother",
        "gonna kil",
        "hes gona kil her",
        "im nt safe",
        "were the kids are not safe",
        "he got a nife",
        "HES GOT A KNIEF",
        "kms",
        "wanna die",
        "i wana unalive myself",
        "shes od'd",
        "over dosed on her tablets",
        "he strangeld her",
        "suside",
        "sucidal",
        "she cant breath",
        "hes unconcious",
        "killlll me",
        "plz get an ambulence",
        "stop him hitting me",
        "i dont feel safe at home",
    ],
)
def test_present_danger_is_heard_as_people_text_it(text):
    assert danger_words(text)


@pytest.mark.rule("EV-10")
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("Polish", "Mój mąż bije mnie i dzieci"),
        ("Polish", "on ma nóż"),
        ("Polish without its marks", "nie chce juz zyc, chce umrzec"),
        ("Romanian", "Soțul mă bate în fiecare zi"),
        ("Romanian without its marks", "are un cutit si ma ameninta"),
        ("Urdu", "وہ مجھے مار رہا ہے"),
        ("Urdu", "اس کے پاس چاقو ہے"),
        ("Urdu in Latin letters", "mera shohar mujhe maar raha hai"),
        ("Urdu in Latin letters", "us ke paas chaku hai bachao"),
        ("Punjabi", "ਉਹ ਮੈਨੂੰ ਮਾਰ ਰਿਹਾ ਹੈ"),
        ("Punjabi", "ਉਹ ਮੈਨੂੰ ਕੁੱਟਦਾ ਹੈ"),
        ("Punjabi in Latin letters", "oh mainu kutda hai"),
        ("Arabic", "زوجي يضربني أنا والأولاد"),
        ("Arabic", "معه سكين وسيقتلني"),
        ("Arabic with its vowel marks", "يَضْرِبُنِي"),
        ("Bengali", "সে আমাকে মারছে"),
        ("Bengali", "আমি আত্মহত্যা করব"),
        ("Ukrainian", "він б'є мене"),
        ("Ukrainian", "у нього зброя, рятуйте"),
        ("Russian", "муж бьёт меня"),
        ("Russian", "он угрожает ножом"),
        ("Turkish", "kocam beni dövüyor"),
        ("Turkish", "BIÇAK var, öldürecek"),
        ("Czech", "manžel bije mě i děti"),
        ("Slovak", "má nôž, vyhráža sa že nás zabije"),
        ("Portuguese", "meu marido me bate"),
        ("Portuguese", "ele tem uma faca"),
        ("French", "mon mari me frappe"),
        ("French", "il a un couteau, au secours"),
        ("Spanish", "mi marido me pega"),
        ("Spanish", "quiero morir"),
        ("Welsh", "mae e'n fy nharo i"),
        ("Welsh", "mae cyllell ganddo fe"),
        ("Somali", "wuu i garaacayaa"),
        ("Somali", "mindi ayuu haystaa"),
        ("Kurdish", "mêrê min li min dide"),
        ("Kurdish (Sorani)", "مێردەکەم لێم دەدات، چەقۆی پێیە"),
    ],
)
def test_present_danger_is_heard_in_other_languages(language, text):
    assert danger_words(text)
    assert danger_words(f"Please help. {text.upper()}!!")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No immediate danger.",
        "The child is not in immediate danger",
        "Emergency contact: grandmother",
        "Both boys have come in hungry for two weeks, often late and in the same clothes.",
        "She can use a knife and fork",
        "They are missing school and lessons",
        "I would like some advice about speech and language",
        "Help me understand what happens next",
        "The family would like help with routines and bedtimes",
        "school won't let my son in, dont know what to do",
        "He has ODD and ADHD and is ambulant disabled",
        "violent behaviour in class, they gave him a fixed term exclusion",
        "hi im a mum of 2 and nt sure who to ask about a ehcp",
        "Szkoła nie chce przyjąć mojego syna, nie wiem co robić",
        "Școala nu îl primește pe fiul meu",
        "Mera beta school nahi ja raha, madad chahiye",
        "میرے بیٹے کو اسکول میں مدد چاہیے",
        "المدرسة لا تقبل ابني",
        "Школа не приймає мого сина, що робити",
        "Mae'r ysgol yn gwrthod derbyn fy mab",
        "Okul oğlumu almıyor",
        "L'école refuse mon fils, comment ça marche",
        "La escuela no acepta a mi hijo, qué hago",
        "Iskuulku wiilkayga ma aqbalin",
        "স্কুল আমার ছেলেকে নিচ্ছে না",
        "ਸਕੂਲ ਮੇਰੇ ਪੁੱਤਰ ਨੂੰ ਦਾਖਲ ਨਹੀਂ ਕਰਦਾ",
    ],
)
def test_an_ordinary_worry_is_not_called_danger(text):
    assert danger_words(text) == []


@given(st.text(), st.text())
def test_danger_is_heard_wherever_it_stands_in_a_text(before, after):
    assert "strangled" in danger_words(f"{before}. he strangled her. {after}")


def test_the_words_are_named_in_order_and_once():
    assert danger_words("A knife. She is unconscious. A knife!") == ["knife", "unconscious"]


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet="aeiklmnorst yzبضر'я", min_size=1, max_size=12))
def test_no_text_makes_the_search_run_away(piece):
    danger_words(piece * (20_000 // len(piece)))  # one that tried again and again would keep the suite for minutes


@pytest.mark.rule("SE-10")
@pytest.mark.parametrize(
    "text",
    ["dad hits him", "her stepdad hit my son", "my ex slapped her yesterday", "the teacher has hit my daughter", "his uncle beats him"],
)  # fmt: skip
def test_a_grown_up_who_hits_a_child_is_danger_whenever_it_was(text):
    assert danger_words(text)


@pytest.mark.parametrize(
    "text", ["teacher kicked him out of class", "he hits other kids", "my son hit the teacher", "mum beat cancer"]
)
def test_a_child_who_lashes_out_or_is_sent_out_is_not_taken_for_it(text):
    assert danger_words(text) == []


@pytest.mark.rule("EV-10")
@pytest.mark.rule("SE-10")
@pytest.mark.parametrize(
    "text",
    [
        "he hits her", "he punched her", "my ex hit me", "hes hit her again", "I heard him hit her", "dad beats him up",
        "he beat her up last night", "mum gets hit at home", "he pushed her down the stairs", "he punchd her",
        "she was hit by her partner", "he slaps my mum", "the man next door hit his wife", "mae e'n taro mam",
    ],
)  # fmt: skip
def test_violence_in_a_household_is_danger_whomever_it_strikes(text):
    assert danger_words(text)


@pytest.mark.parametrize(
    "text",
    ["he kicked him out", "they hit him with a suspension", "the school hit us with a fine", "he got kicked out of class", "it hits her hard when plans change"],
)  # fmt: skip
def test_what_only_sounds_like_it_is_not(text):
    assert danger_words(text) == []


PIECES = st.sampled_from(
    "no not in immediate danger is life threatening emergency contact took 3 of the pills hits him out with a letter "
    "fork knife and self harm missing school حامل بالسكين 0 kill her\n can’t breathe on her own".split(" ")
)


@pytest.mark.rule("EV-10")
@given(st.lists(st.lists(PIECES, max_size=4).map(" ".join), max_size=6))
def test_several_texts_speak_of_danger_where_one_of_them_does(texts):
    assert speak_of_danger(texts) == any(danger_words(text) for text in texts)


def test_no_phrase_runs_on_from_one_text_into_the_next():
    assert not speak_of_danger(["She took", "the tablets"])
    assert not speak_of_danger(["She took two", "of the tablets"])
    assert speak_of_danger(["She took two of the tablets", ""])
