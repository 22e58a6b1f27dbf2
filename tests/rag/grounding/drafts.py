"""Drafts about the sample corpus, written before the checks had seen them: right and wrong.

Each wrong one differs in one point: a number, a date, a name, an office, a denial or a quotation.
"""

from datetime import date
from pathlib import Path

from index.documents import PublicationDate
from rag.grounding.evidence import Evidence

NEWS = Path(__file__).parents[3] / "examples" / "news"


def _read(path, day):
    published = PublicationDate.of_day(date.fromisoformat(day))
    return Evidence((NEWS / path).read_text("utf-8"), published=published)


RIGHT = [
    (
        _read("meridian-wire/zurlach-truce-signed.txt", "2025-05-02"),
        [
            "Ilmara and Tarquesh signed a truce of 60 days in Zürlach on May 2.",
            "The fighting has killed at least 1,150 people.",
            "More than 1,100 people have been killed in the fighting.",
            "The truce takes effect at midnight on May 4.",
            "Heavy weapons have to be withdrawn 12 miles from the Oska Pass within ten days.",
            "Anneliese Brünnig, Orsania's foreign minister, described it as \"a door with "
            'a chair against it".',
            "Orsania will send 340 unarmed monitors.",
            "The agreement does not mention the naval base at Cape Vidra.",
            "Prime Minister Marek Šavel needs parliament's approval and has a majority of four.",
            "Talks on a permanent line are to begin on June 16 if the truce holds.",
            "Ilmara says it holds 118 prisoners, while Tarquesh admits to fewer than 100.",
            "Tarquesh's state radio broke into a soccer match to read the terms.",
            "Brünnig did not call the deal peace.",
        ],
    ),
    (
        _read("meridian-wire/tannery-ridge-fire-grows.txt", "2025-05-12"),
        [
            "The wildfire on Tannery Ridge spread over 4,200 acres on Monday.",
            "About 900 people had to leave their homes near Tarn Hollow.",
            "The fire was reported at 1:20 p.m. on May 11.",
            "Renata Voss of the Keldshire Fire Service said the fire was 0% contained.",
            "Nobody had been reported injured by nightfall.",
            "Governor Philippa Drage declared an emergency in two counties.",
            "Eleven outbuildings and one sawmill burned down.",
            "About 260 firefighters were fighting the blaze.",
            "The reservoir above Tarn Hollow is 38% full.",
            "More than 5,000 customers had their power cut as a precaution.",
            "Abel Kinnear, a sheep farmer, let around 300 ewes out before driving off "
            "with his dogs.",
            "The cause of the fire is still being investigated.",
        ],
    ),
    (
        _read("halverston-post/corvane-museum-theft.txt", "2025-03-31"),
        [
            "Thieves took a tiara and three snuffboxes from the Corvane Museum early on March 30.",
            "The museum put the loss at $7.4 million.",
            "The roof sensors had been off for six minutes.",
            "The Halloran tiara was made in 1871.",
            "The city council approved $120,000 for the museum last year, far less than "
            "the $900,000 it had asked for.",
            "Béatrix Lanoye is the museum's director.",
            "The museum stays closed until April 6.",
            "Police captain Ludovic Sarn said that somebody knew about those six minutes.",
            "None of the stolen items was insured.",
            "The thieves left a case of gold coins behind.",
        ],
    ),
    (
        _read("halverston-post/dunmarrow-whooping-cough.txt", "2025-04-04"),
        [
            "Health officials confirmed 31 whooping cough cases in Dunmarrow on April 4.",
            "It is the state's biggest outbreak since 2012.",
            "Three children are in hospital, but none of them in intensive care.",
            "Twenty-two cases are connected to Priory Lane Primary School.",
            'Dr. Lindgren said: "You hear it before you see it."',
            "The school district ordered 4,000 vaccine doses, and the first should arrive "
            "on April 22.",
            "The sequencing machine at the state laboratory failed on March 20.",
            "Sports will go ahead, but choir practice is suspended, said Superintendent "
            "Calloway Finch.",
            "A hotline opens on Saturday at 8 a.m.",
        ],
    ),
]
WRONG = [
    (
        _read("meridian-wire/zurlach-truce-signed.txt", "2025-05-02"),
        [
            "Ilmara and Tarquesh signed a truce of 90 days in Zürlach on May 2.",
            "The fighting has killed at least 1,510 people.",
            "The truce takes effect at midnight on May 6.",
            "Heavy weapons have to be withdrawn 20 miles from the Oska Pass within ten days.",
            "Orsania's foreign minister, Marek Šavel, carried drafts between the delegations.",
            "Brünnig called it peace.",
            "Tarquesh says it holds 118 prisoners, and Ilmara admits to fewer than 100.",
            'Brünnig described it as "a bridge over troubled water".',
            "Karsovia leased the naval base at Cape Vidra to Tarquesh.",
            "Talks on a permanent line will open in Lisk on June 16.",
        ],
    ),
    (
        _read("meridian-wire/tannery-ridge-fire-grows.txt", "2025-05-12"),
        [
            "The wildfire on Tannery Ridge spread over 42,000 acres on Monday.",
            "The fire was reported at 1:20 p.m. on Saturday.",
            "The fire was 10 percent contained, said Renata Voss.",
            "Gov. Renata Voss declared an emergency in two counties.",
            "Schools in Tarn Hollow will not be closed.",
            "The reservoir above Tarn Hollow is 83 percent full.",
            "Route 7 is shut between Ash Weir and the state line.",
            "The cause is no longer under investigation.",
            "Philippa Drage said a third plane was on its way.",
            "Three injuries had been reported by nightfall.",
        ],
    ),
    (
        _read("halverston-post/corvane-museum-theft.txt", "2025-03-31"),
        [
            "Thieves stole a tiara and five enamel snuffboxes from the Corvane Museum.",
            "The museum estimated the loss at $4.7 million.",
            "The Halloran tiara was made in 1817.",
            "The Corvane will stay closed through April 16.",
            "Ludovic Sarn, the director, said the museum had asked for new alarms.",
            "The items were insured for theft.",
            'Sarn said: "We know exactly who did this."',
            "The council approved $900,000 last year.",
            "The theft happened on April 2.",
            "The guards were not at the other end of the building.",
        ],
    ),
    (
        _read("halverston-post/dunmarrow-whooping-cough.txt", "2025-04-04"),
        [
            "Health officials confirmed 13 cases of whooping cough in the Dunmarrow "
            "school district.",
            "It was the biggest cluster in the state since 2002.",
            "Three children are in intensive care.",
            "Twenty-two of the cases are linked to Marlow Primary School.",
            "Dr. Calloway Finch, the district's health officer, described the drawn-in breath.",
            "Finch said sports fixtures would not go ahead.",
            "The hotline opens Sunday at 8 a.m.",
            "The first doses are due April 12.",
            "The state laboratory's sequencing machine broke down on March 28.",
            "Lindgren said choir practice was suspended.",
        ],
    ),
]
