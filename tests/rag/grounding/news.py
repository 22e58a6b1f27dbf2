"""Invented news with drafts that are right and drafts that are wrong in one point."""

from datetime import date

from index.documents import PublicationDate
from rag.grounding.evidence import Evidence

FERRY = Evidence(
    "PORT MERROW (Meridian Wire) — Rescue teams recovered 10 more bodies over the weekend from "
    "the waters off Gull Point, raising the death toll from the sinking of the ferry Lady "
    "Corrigan to 19, the Coast Guard said Sunday.\n"
    "Fifteen people remained missing two days after the vessel capsized on its morning run to "
    "Skerra Island with 143 passengers and crew aboard. A total of 109 have been rescued, "
    "including five who were found late Friday huddled in a life raft that had drifted 11 miles "
    "south.\n"
    "Coast Guard Cmdr. Piers Okafor said two of the five were children. “That raft is the reason "
    "I have asked every crew for one more day,” he said.\n"
    "The Marine Accident Bureau sent a team of eight investigators led by Solveig Aaberg, who "
    "said it was too early to discuss causes.\n"
    "Ferry captain Edda Roskilly, 51, who was pulled from the sea with a fractured pelvis, has "
    "been interviewed in her hospital bed, Aaberg said. The Brannoch Line, which operates the "
    "ship, said Roskilly had made the crossing more than 4,000 times.\n"
    "Prime Minister Ingrid Sallow visited the reception center Sunday and declared a day of "
    "national mourning for Wednesday.",
    "Death toll in Port Merrow ferry sinking climbs to 19",
    PublicationDate.of_day(date(2025, 3, 16)),
)
CLASH = Evidence(
    "LISK, Ilmara, March 10 (Meridian Wire) — Fourteen soldiers were killed when Ilmaran and "
    "Tarqueshi troops fought for five hours over a road tunnel in the Oska Pass, the deadliest "
    "clash on the disputed frontier in 22 years, both governments said Monday.\n"
    "Each side accused the other of firing first. Ilmara said nine of the dead were its own and "
    "that Tarqueshi mortar crews opened up on a road-clearing party shortly before 11 p.m. "
    "Sunday. Tarquesh, which reported five killed, said an Ilmaran armored column had crossed "
    "the 2003 line and ignored warning shots.\n"
    '"We did not go looking for this valley at midnight," said Ilmara\'s defense minister, Nadia '
    'Selkoe. "They did."\n'
    'Foreign Minister Idris Tolokai of Tarquesh called that account "a bedtime story" and said '
    "his government would close the two remaining border crossings from Tuesday.\n"
    "The pass, at 2,340 meters, carries the only paved road between the Hesper Valley and the "
    "coast. About 70 percent of Ilmara's fuel imports move through the tunnel, which was blocked "
    "on Monday by at least three burned-out trucks. Gasoline prices in Lisk, the Ilmaran capital, "
    "rose 18 percent by evening.",
    "",
    PublicationDate.of_day(date(2025, 3, 10)),
)
BID = Evidence(
    "Harbrook Foods raised its hostile offer for the flour and cereal maker Larkspur Mills to "
    "$4.3 billion on Thursday and said it would put the bid directly to shareholders.\n"
    "The new price of $46.50 a share in cash is 13.4 percent above the $41 that Larkspur's "
    "directors turned down last month without agreeing to a meeting.\n"
    "Larkspur's chair, Winifred Achterberg, said the board would study the proposal. The shares "
    "closed up 8.8 percent at $45.92, below the offer.\n"
    "Desmond Rooke, Harbrook's chief executive, has promised to keep Larkspur's headquarters in "
    "Ash Weir, where it has been since 1908 and is the largest employer. He has made no promise "
    "about its three mills.\n"
    "Perpetua Strand, whose fund, Oxbow Capital, holds 6.1 percent, declined to name a price at "
    "which Oxbow would sell. Shareholders have until May 16 to decide.",
    "Harbrook sweetens its bid for Larkspur Mills",
    PublicationDate.of_day(date(2025, 4, 3)),
)

RIGHT = {
    "ferry": (
        FERRY,
        [
            "The death toll from the sinking of the Lady Corrigan has risen to 19, the Coast Guard "
            "said on Sunday.",
            "Fifteen people were still missing on Sunday, and 109 of the 143 people aboard had "
            "been rescued.",
            "Nineteen people have died.",
            "Solveig Aaberg of the Marine Accident Bureau said it was too early to talk about "
            "causes.",
            "The captain, Edda Roskilly, had made the crossing over 4,000 times, according to the "
            "Brannoch Line.",
            "Prime Minister Ingrid Sallow declared a day of national mourning for March 19.",
            "Sallow visited the reception centre on March 16, 2025.",
            "Five survivors were found on March 14 in a raft that had drifted about 18 km south.",
            "Commander Okafor said: “That raft is the reason I have asked every crew for one more "
            "day.”",
            "Almost 20 people died when the ferry capsized off Gull Point.",
            "Roskilly, who suffered a fractured pelvis, was interviewed in hospital.",
            "In March 2025 the ferry Lady Corrigan sank near Port Merrow, killing 19.",
            "Meridian Wire reported on March 16 that 19 people had died.",
            "The captain is 51 years old.",
        ],
    ),
    "clash": (
        CLASH,
        [
            "Both governments said 14 soldiers died in the Oska Pass.",
            "Nine of the soldiers killed were Ilmaran and five Tarqueshi.",
            "Tarquesh's foreign minister, Idris Tolokai, called the Ilmaran account "
            '"a bedtime story".',
            "Nadia Selkoe, the defense minister of Ilmara, said her side “did not go looking for "
            "this valley”.",
            "Petrol in the capital, Lisk, cost 18% more by Monday evening.",
            "Roughly 70% of the fuel that Ilmara imports passes through the tunnel.",
            "Tarquesh said it would shut its two remaining crossings from March 11.",
            "The fighting began just before 11pm on March 9.",
            "The fighting lasted 5 hours.",
        ],
    ),
    "bid": (
        BID,
        [
            "Harbrook increased its bid for Larkspur to $4.3bn on April 3.",
            "The offer is now worth $46.50 per share, 13.4% more than the earlier bid of $41.",
            "Harbrook raised its offer to 4.3 billion dollars.",
            "Harbrook raised its offer to 4,300,000,000 dollars.",
            "Chief executive Desmond Rooke promised that the headquarters would stay in Ash Weir.",
            "Oxbow Capital, which owns about 6 percent, would not name a price.",
            "Winifred Achterberg, chair of Larkspur, said that the board would study the bid.",
            "Larkspur has been based in Ash Weir since 1908.",
            "Rooke has not promised anything about the three mills.",
            "Larkspur shares rose nearly 9 percent to $45.92.",
            "Shareholders can decide until May 16.",
            "Larkspur's directors rejected an earlier offer without a meeting.",
        ],
    ),
}

# The draft, and the check that has to find what is wrong with it.
WRONG = {
    "ferry": (
        FERRY,
        [
            ("The death toll from the sinking of the Lady Corrigan has risen to 21.", "number"),
            ("Fifteen people were still missing, and 119 had been rescued.", "number"),
            ("The raft had drifted 21 miles south.", "number"),
            ("Rescue teams recovered 12 more bodies over the weekend.", "number"),
            ("Roskilly had made the crossing more than 14,000 times.", "number"),
            ("The captain is 61.", "number"),
            ("The death toll rose to 19, the Coast Guard said on Tuesday.", "date"),
            ("Sallow declared a day of national mourning for March 20.", "date"),
            ("The ferry capsized on its run to Marlow Island.", "name"),
            ("The captain, Anna Roskilly, had made the crossing more than 4,000 times.", "name"),
            ("The Corvane Line operates the ship.", "name"),
            ("Prime Minister Solveig Aaberg declared a day of national mourning.", "role"),
            ("Solveig Aaberg said it was not too early to discuss causes.", "negation"),
            ("Roskilly has not been interviewed.", "negation"),
            ("The vessel did not capsize on its morning run.", "negation"),
            ("Okafor said: “We will not rest until everyone is home.”", "quotation"),
        ],
    ),
    "clash": (
        CLASH,
        [
            ("Seventeen soldiers were killed in the Oska Pass.", "number"),
            ("Ilmara said five of the dead were its own.", "number"),
            ("Gasoline prices in Lisk rose 28 percent by evening.", "number"),
            ("The clash was the deadliest in 32 years.", "number"),
            ("Tarquesh would close the crossings from Thursday.", "date"),
            ("The 2001 line had been crossed, Tarquesh said.", "date"),
            ("The troops fought for five hours over a tunnel in the Marl Pass.", "name"),
            ("Foreign Minister Nadia Selkoe called that account a bedtime story.", "role"),
            ("Ilmara's defense minister, Idris Tolokai, said they did not go looking.", "role"),
            ("Gasoline prices in Lisk fell 18 percent by evening.", "negation"),
            ("Tolokai said his government would not close the border crossings.", "negation"),
            ("Idris Tolokai of Tarquesh called the account “a pack of lies”.", "quotation"),
        ],
    ),
    "bid": (
        BID,
        [
            ("Harbrook raised its offer to $4.8 billion on Thursday.", "number"),
            ("The shares closed up 9.8 percent.", "number"),
            ("Shareholders have until May 26 to decide.", "date"),
            ("Shareholders have until June 16 to decide.", "date"),
            ("It has been in Ash Weir since 1918.", "date"),
            ("Harbrook raised its offer on Wednesday.", "date"),
            ("Larkspur raised its hostile offer for Harbrook to $4.3 billion.", "role"),
            ("Desmond Rooke, Larkspur's chair, said the board would study the proposal.", "role"),
            ("Winifred Achterberg promised to keep the headquarters in Ash Weir.", "role"),
            ("Harbrook lowered its offer to $4.3 billion.", "negation"),
            ("Desmond Rooke has not promised to keep the headquarters in Ash Weir.", "negation"),
            ("The board would not study the proposal, Achterberg said.", "negation"),
            ("Perpetua Strand agreed to name a price.", "negation"),
            ("Rooke said: “We are in this for the long run.”", "quotation"),
        ],
    ),
}
