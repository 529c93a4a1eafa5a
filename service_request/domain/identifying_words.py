"""Word lists for finding what may identify somebody (GL-6): small, and on the side of catching too much."""

_RELATIONS = """
mum mummy mam mom mother dad daddy father stepdad stepfather stepmum stepmother parent parents carer carers guardian
nan nana nanny gran granny grandma grandmother grandad grandpa granddad grandfather grandparent grandparents aunt
auntie aunty uncle cousin cousins brother brothers sister sisters sibling siblings son daughter child children baby
toddler boy girl boys girls family families partner boyfriend girlfriend husband wife ex friend friends neighbour
neighbours twin twins pupil pupils student students teacher teachers teaching headteacher head deputy assistant
learner young person people
"""
_AGENCIES = """
school schools nursery reception year class primary infant infants junior juniors secondary college academy sixth form
police officer doctor doctors gp surgery hospital clinic ward nurse nurses midwife midwives health visitor visitors
social worker workers care services service council local authority early help support team teams court charity church
mosque centre hub camhs send senco designated safeguarding lead staff cook caretaker receptionist housing association
ambulance probation
"""
_TIMES = """
monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
october november december christmas easter eid ramadan diwali hanukkah halloween summer autumn winter spring term
today yesterday tomorrow tonight morning afternoon evening night week weeks weekend month months day days hour hours
minute minutes
"""
_PLACES = """
england english britain british uk wales welsh scotland scottish ireland irish london europe european polish poland
romanian romania ukrainian ukraine russian arabic urdu punjabi bengali hindi gujarati tamil somali kurdish turkish
turkey french france german germany spanish spain italian italy portuguese portugal lithuanian latvian bulgarian
albanian albania pashto dari farsi afghan afghanistan syrian syria iraqi iraq iranian iran indian india pakistani
pakistan bangladeshi bangladesh chinese china vietnamese nigerian nigeria ghanaian african africa asian asia caribbean
jamaican american america muslim christian catholic hindu sikh jewish roma gypsy traveller black white mixed
"""
_PRODUCTS = "whatsapp facebook snapchat instagram tiktok youtube google xbox playstation roblox fortnite zoom discord"
_ACRONYMS = """
a&e adhd asd asc caf camhs cid cin cp cpp da dfe dob dsl dv eal ehcp eha fgm fsm gcse gp hv id iro it la lac lado
mappa marac mash nfa nhs ni nspcc odd ot pe pep pru pshe ptsd rsl sat sats sdq sen senco sencos send sendiass salt sms
stat stp suv taf tac tv uasc uk upn url usa vpn yot yp ok pm am
"""
_EVERYDAY = """
a able about above accept according account across act active activity actually added address adult adults advice
afraid after again against age aged ago agree agreed agreement all allow allowed almost alone along already also
although always am among an and angry animal another answer answered any anybody anyone anything anyway appear
appeared appears appointment approach are area around arrive arrived arrives as ask asked asking asks at attempt
attend attendance attended attending attends available away awake bad bag bath be became because become becoming bed
bedroom beds been before began begin begins behaviour behind being believe belongs beneath beside besides best better
between beyond big birth birthday bit blame blood body book both bread break breakfast bring brings broke broken
brought bruise bruises bruising bus busy but buy by call called calling calls calm came can cannot car card care cared
careful case caught cause caused causes certain change changed changes check checked choose clean clear clearly clinic
close closed clothes clothing club coat cold collect collected collecting collects come comes coming comment comments
common communication completely concern concerned concerning concerns condition conditions confident confirmed consent
contact continue continues control conversation could couple course cry crying current currently cut daily danger date
dead dear death decided decision depressed describe described despite did didn difference different difficult
difficulties difficulty dinner dirty disability disclosed disclosure discuss discussed discussion do does doesn dog
doing don done door down draw drawing drew drink drinking drinks drive drove drug drugs drunk due during each earlier
early eat eaten eating eats education effort either else email emotional employed end ended engage engaged english
enough ensure entire even event eventually ever every everybody everyone everything evidence exactly example except
experience explain explained eye eyes face fact failed fall falls far fast fear feel feeling feelings feels fell felt
few field fight fighting find finds fine finish finished fire first fit five flat floor follow followed following food
foot for form former found four free from front full fun further furthermore game games garden gave general generally
get gets getting give given gives giving glad go goes going gone good got great ground group grow growing guess had
hadn hair half hall hand hands happen happened happening happens happy hard hardly has hasn hate have haven having he
headache hear heard heart held hello help helped helps hence her here hers herself hi high him himself his history hit
hits hold holds holiday home homework honest hope hopes hot hour house household how however huge hungry hurt hurting
hurts husband i if ill illness immediately impact important in inappropriate incident incidents included including
increase increased increasingly indeed independent information initially injured injuries injury inside instead
interest into involved involvement is isn issue issues it its itself job join joined just keen keep keeps kept kid
kids kind kitchen knew know known knows lack language large last late lately later laugh learn learning least leave
leaves leaving left legs less lesson lessons let letter letters level life light like liked likely likes limited line
list listen little live lived lives living long longer look looked looking looks lose lost lot lots loud love loved
loves low lunch made main mainly make makes making man managed manager many mark marks matter may maybe me meal meals
mean means meanwhile medical medication meet meeting meetings members mental mention mentioned message might mind miss
missed misses missing mobile money mood more moreover most mostly move moved moves moving much must my myself name
named near nearly need needed needing needs neglect neither never nevertheless new next nice no nobody none noone nor
normal normally not note noted nothing notice noticed now number observed obvious obviously of off offer offered
office often oh old older on once one ones only onto open or order other others otherwise our out outside over overall
overnight own pain paid panic paper part particular particularly past pay perhaps period permission personal phone
phoned physical pick picked picking picks place plan planned play played playing plays please plus point police poor
possible possibly post presentation presents pretty previous previously probably problem problems progress provide
provided public punched pushed put puts quarter question quickly quiet quietly quite rang rarely rather reach read
reading ready real really reason receive received recent recently record recorded records referral referred refers
refuse refused refuses regarding regular regularly relationship remain remains report reported reports request
required respond response rest result return returned returns reveals right ring risk risks road room routine routines
rude run runs sad safe safety said same sat saw say saying says scared school sea second seconds secret see seeing
seem seemed seems seen self send sense sent serious seriously session sessions set settled seven several shall she
shirt shoes shop shops short shortly should shoulder shouted shouting show showed shows sick side sign significant
signs similar simply since sit site situation six skin sleep sleeping sleeps slept slightly slow slowly small smell
smelled smells smelt so social some somebody someone something sometimes somewhat soon sorry sort sound speak speaking
speaks special speech spend spends spoke spoken start started starts state stated states stay stayed staying stays
still stomach stop stopped stops story straight stress strong struggle struggled struggles struggling such suddenly
suffer suffers suggest suggested suggests sure surprised suspect suspected take taken takes taking talk talked talking
talks tearful tell telling tells ten text than thank thanks that the their theirs them themselves then there therefore
these they thin thing things think thinks third this those though thought three threw through throughout thus time
times tired to together told too took top touch touched toward towards tried tries trouble true try trying turned
turns two type unable uncertain unclear under understand understands understood unfortunately uniform unkempt unless
unlike unsure until unwell up upset upon us use used uses using usual usually very via view views visit visited
visiting visits voice wait waited waiting wake walk walked walking walks want wanted wants warm was wash washed wasn
watch watched watches water way we wear wearing wears well went were weren what whatever when whenever where whereas
wherever whether which while whilst who whoever whole whom whose why wide wife will wish wishes with withdrawn within
without woke woman women won wonder word words wore work worked working works world worried worries worry worrying
worse would wouldn write writing written wrong wrote yeah yell yelled yelling yes yet you younger youngest oldest
eldest middle your yours yourself couldn shouldn mustn ain bruised angrily accident weight height allergy allergies
asthma autism autistic diagnosis needle nappy nappies bottle milk medicine mould damp rent benefits universal credit
evicted eviction homeless hostel refuge violence violent alcohol cannabis cocaine heroin arrested arrest bail custody
orders plans panel review conference assessment background summary analysis chronology hygiene parenting capacity
engagement emotionally physically sexually coercive regards sincerely additional attached attachment
"""
_TITLES = """
mr mrs ms miss mx dr doctor prof professor rev reverend father sister sir dame lord lady cllr pc dc ds sgt nurse
auntie
"""
_STREETS = """
road street lane avenue close drive way row cottages cottage court crescent gardens place terrace grove hill park
square walk view mews green house flats estate rise fields meadow meadows bank bridge farm lodge rd st ave
"""
_INSTITUTIONS = """
school primary infant infants junior juniors secondary high academy nursery college grammar surgery medical clinic
hospital church mosque temple centre library preschool playgroup hostel refuge
"""
# Common in Britain, from many places. Those that are words too (Will, Grace) are caught as capitals only.
_FIRST_NAMES = """
aaliyah aaron abbie abdul abdullah abigail adam adele adnan adrian ahmad ahmed aidan aisha alan albert alex alexa
alexander alexandra alfie ali alice alina alisha alison amanda amber amelia amina amir amy ana anastasia andrea andrei
andrew andrzej angela anita ann anna anne annie anthony antonio april archie arjun arthur arun ashley aston august
aurora austin ava ayaan ayesha barbara barry beatrice becky ben benjamin bernard beth bethany betty bill billy blake
bobby brandon brenda brian bridget brooke bruce bryan caitlin callum cameron carl carla carly carmen carol caroline
catherine cath charlene charles charlie charlotte chantelle chelsea cheryl chloe chris christian christina christine
christopher ciara claire clara clare colin connor conor courtney craig daisy dale damian dan daniel daniela danielle
danny darren dave david dawn dean deborah debbie declan denise dennis derek destiny diana diane dilys dominic donald
donna doris dorothy douglas duncan dylan eddie edith edward eileen elaine eleanor elena eli elijah elise eliza
elizabeth ella ellen ellie elliot elsie emilia emily emma eric erin esme ethan eva evan eve evelyn evie ewan faisal
faith farah fatima faye felicity felix finley finn fiona florence fran frances francesca francis frank frankie fred
freddie frederick freya gabriel gabriela gareth gary gavin gemma geoff george georgia georgie gerald gillian gina
gloria gordon grace graham grzegorz habib hafsa hailey hamza hannah haris harley harrison harry harvey hasan hassan
hayley hazel heather heidi helen henry hilda holly hope howard hugh hugo hussain ian ibrahim idris igor imogen imran
ines ioana irene iris isaac isabel isabella isabelle isla ismail ivan ivy jack jackie jackson jacob jade jake jakub
james jamie jan jane janet janice jasmine jason jay jayden jean jeff jemma jennifer jenny jeremy jess jesse jessica
jill jim jimmy joan joanna joanne jodie joe joel john johnny jon jonathan jordan joseph josh joshua joy joyce juan
jude judith judy julia julian julie junaid june justin kai kane karen karim karl kasia kate katherine kathleen kathryn
kathy katie katarzyna kayden kayleigh keira keith kelly ken kenneth kerry kevin khadija khalid kian kieran kim
kimberley kirsty kyle lacey laila lara laura lauren layla leah lee leila lena leo leon leonard leroy lesley leslie
levi lewis lexi liam lilly lily linda lisa logan lola lorraine louie louis louisa louise luca lucas lucy luis luke
lydia lynn lynne mackenzie maddison madison magdalena maisie malcolm malik marcin marcus margaret maria mariam marian
marie marilyn mark martha martin martyn marvin mary maryam mason matilda matt matthew maureen max maxwell may maya
megan mehmet melanie melissa mia michael michal michelle miguel mikey mila miles millie mo mohamed mohammad mohammed
moira molly monica morgan muhammad musa mustafa nabil nadia nadine naomi natalia natalie natasha nathan neil niall
niamh nicholas nick nicky nicola nicole nigel nikita nina noah noor nora norma norman odette oksana olga oliver olivia
ollie omar oscar oskar osman owen paige pam pamela pat patricia patrick paul paula pauline pearl penny pete peter phil
philip phillip phoebe pippa piotr poppy priya rachael rachel rafael rahul raj rajesh ralph ray raymond rebecca reece
reggie reuben rhys ricardo richard rick ricky riley rita rob robbie robert robin rory rosa rose rosie ross roxanne roy
ruby rupert russell ruth ryan sabrina sadia safiya saif sally salma sam samantha samina samir samuel sandra sara sarah
sasha scarlett scott sean sebastian selina serena seth shah shane shannon sharon shaun shauna sheila shelley sherry
shirley sid sienna simon siobhan skye sofia sophia sophie stacey stan stanley stella stephanie stephen steve steven
stuart sue summer susan suzanne sybil sylvia taha tamara tamika tania tanya tara tariq taylor ted teddy teresa terence
terry tessa theo theresa thomas tiffany tilly tim timothy tina toby tom tommy tomasz toni tony tracey tracy trevor
tristan tyler tyrone umar una usman val valerie vanessa vera verity veronica vicky victor victoria vihaan viktor
vincent violet wayne wendy wesley will william willow wojciech xander yara yasin yasmin yasmine yousef yuri yusuf
yvonne zac zach zachary zahra zainab zak zakariya zara zoe zofia zuzanna
"""

RELATIONS = frozenset(_RELATIONS.split())
TITLES = frozenset(_TITLES.split())
STREETS = frozenset(_STREETS.split())
INSTITUTIONS = frozenset(_INSTITUTIONS.split())
ACRONYMS = frozenset(_ACRONYMS.split())
FIRST_NAMES = frozenset(_FIRST_NAMES.split())
MONTH_NAMES = frozenset({"april", "may", "june", "august", "summer"})  # months and a season that people are called
COMMON = frozenset(
    word for words in (_RELATIONS, _AGENCIES, _TIMES, _PLACES, _PRODUCTS, _EVERYDAY) for word in words.split()
)
