#!/usr/bin/env python3
"""A large calendar, as an editorial team might have one, for tests/bench/run and by hand.

    tests/bench/large_calendar.py POSTS [--seed N] [--accounts a,b,c] [--from YYYY-MM-DD] [--days D] > calendar.yaml

The same seed gives the same calendar. Texts have accents, emoji, hashtags and links; some posts have a link, a variant
for one account or are drafts; there are no media, because those must exist.
"""
import argparse
import datetime
import random

SUBJECTS = ["La médiathèque", "Le chalet", "Die Werkstatt", "The harbour museum", "L’équipe d’été", "Kansalaisopisto",
            "Кинотеатр «Заря»", "El taller de cerámica", "図書館", "Le marché des producteurs"]
DEEDS = ["ouvre ses portes", "cherche des bénévoles", "lädt zum Gespräch ein", "shows its new collection",
         "change d’horaires", "fête ses dix ans", "prépare la rentrée", "annonce le programme", "offre un café",
         "ferme pour travaux"]
DETAILS = ["Entrée libre, sans réservation.", "Rendez-vous à 9 h 30 devant la grange.", "Bring a friend and good shoes.",
           "Plus d’infos : https://example.org/agenda.", "Merci à toutes et à tous ! 🎉", "Der Eintritt ist frei. 🙂",
           "Les places sont comptées, inscrivez-vous.", "Back by popular demand — until Sunday only.",
           "On vous garde une place au chaud. ☕️", "Prévoir des vêtements chauds et une lampe."]
TAGS = ["agenda", "culture", "été", "bénévolat", "montagne", "Werkstatt", "opendoors", "saison2030"]


def post(random_, number, when, accounts):
    to = sorted(random_.sample(accounts, random_.randint(1, min(3, len(accounts)))))
    lines = [f"  - id: post-{number:06}", f"    at: {when:%Y-%m-%d %H:%M}", f"    to: [{', '.join(to)}]", "    text: |",
             f"      {random_.choice(SUBJECTS)} {random_.choice(DEEDS)} ({number})."]
    lines += [f"      {detail}" for detail in random_.sample(DETAILS, random_.randint(1, 3))]
    lines.append("      " + " ".join("#" + tag for tag in random_.sample(TAGS, random_.randint(1, 3))))
    if random_.random() < 0.3:
        lines.append(f"    link: https://example.org/{when:%Y/%m}/{random_.randint(1, 9999)}")
    if random_.random() < 0.1:
        lines.append(f"    variants: {{{to[0]}: {{text: \"En bref : {random_.choice(DEEDS)} !\"}}}}")
    if random_.random() < 0.05:
        lines.append("    draft: true")
    return "\n".join(lines) + "\n"


def calendar(posts, seed=1, accounts=("one", "two", "three"), first=datetime.date(2030, 1, 1), days=365, zone="Europe/Paris"):
    random_ = random.Random(seed)
    start = datetime.datetime.combine(first, datetime.time(6))
    out = [f"version: 1\ntimezone: {zone}\nposts:\n"]
    for number in range(posts):
        # between 6:00 and 22:00: no hour that a change of the clocks skips
        when = start + datetime.timedelta(days=number * days // max(posts, 1), minutes=5 * random_.randrange(16 * 12))
        out.append(post(random_, number, when, list(accounts)))
    return "".join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("posts", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--accounts", default="one,two,three")
    parser.add_argument("--from", dest="first", type=datetime.date.fromisoformat, default=datetime.date(2030, 1, 1))
    parser.add_argument("--days", type=int, default=365)
    a = parser.parse_args()
    print(calendar(a.posts, a.seed, a.accounts.split(","), a.first, a.days), end="")


if __name__ == "__main__":
    main()
