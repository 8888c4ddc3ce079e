"""Names, places and trades, of which the demo makes its people and companies."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Country:
    """A “#” in a number stands for a digit. The numbers are set aside for fiction; Denmark has
    none such, but no subscriber there has one that begins with 1. Empty: no such range either."""

    code: str
    language: str
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    streets: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    """Postcode and city."""
    phone: str = ""
    mobile: str = ""


@dataclass(frozen=True)
class Trade:
    """What a company does. `{}` in a name is a surname of the country, `{city}` where it is."""

    key: str
    companies: int
    people: tuple[int, int]
    """How many people of a company are known: at least, at most."""
    names: tuple[str, ...]
    positions: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


DENMARK = Country(
    code="DK",
    language="da",
    first_names=_words(
        """Anders Anne Annette Asbjørn Astrid Birgitte Bjørn Bodil Bo Camilla Carsten Cecilie
        Charlotte Christian Dorthe Ditte Ebbe Else Emil Emma Erik Esben Eva Finn Flemming Freja
        Frederik Gitte Gorm Hanne Hans Helle Henrik Henriette Ida Inge Ingrid Jakob Jens Jesper
        Johanne Josefine Jørgen Kamilla Kasper Katrine Kirsten Kristian Lars Laura Lene Line Lise
        Lone Louise Mads Maja Malene Marianne Marie Martin Mathilde Merete Mikkel Morten Niels Nina
        Ole Palle Per Pernille Peter Pia Poul Rasmus Rikke Sanne Signe Simon Stine Susanne Svend
        Søren Sørine Thea Thomas Tine Tobias Torben Trine Ulla Uffe Vibeke Viktor Åge Åse Amina
        Mehmet Fatima Zofia Linh"""
    ),
    last_names=_words(
        """Abildgaard Andersen Bach Balslev Bech Bendtsen Bilde Bisgaard Blicher Boesen Bonde
        Brandt Bruun Brøndum Buhl Bødker Carlsen Christensen Dahl Dalgaard Damgaard Degn Drejer
        Ebbesen Eriksen Fabricius Falk Friis Fuglsang Gad Gram Grønbæk Gyldholm Hald Hansen
        Haugaard Hedegaard Hjort Holm Holst Hvid Højgaard Ibsen Iversen Jensen Jepsen Juul
        Jørgensen Kaas Kirk Kjær Kjeldsen Klitgaard Knudsen Koch Kragh Kristensen Krogh Lund Lykke
        Lauritsen Madsen Mikkelsen Munk Møller Nielsen Nørgaard Olesen Overgaard Pedersen Poulsen
        Qvist Ravn Riis Rosendahl Rytter Sandholt Schmidt Skov Skovgaard Sommer Steen Sørensen
        Thomsen Thorup Toft Torp Vad Vestergaard Villadsen Vinther Winther Østergaard Aagaard
        Yusuf Demir Nguyen Nowak"""
    ),
    streets=(
        "Algade",
        "Bredgade",
        "Brogade",
        "Havnegade",
        "Jernbanegade",
        "Kirkestræde",
        "Kongensgade",
        "Møllevej",
        "Nørregade",
        "Skolegade",
        "Strandvejen",
        "Søndergade",
        "Torvet",
        "Vestergade",
        "Østergade",
        "Ågade",
    ),
    places=(
        ("8000", "Aarhus C"),
        ("8000", "Aarhus C"),
        ("8000", "Aarhus C"),
        ("8200", "Aarhus N"),
        ("8270", "Højbjerg"),
        ("8600", "Silkeborg"),
        ("8700", "Horsens"),
        ("8900", "Randers"),
        ("8400", "Ebeltoft"),
        ("8800", "Viborg"),
        ("7400", "Herning"),
        ("7500", "Holstebro"),
        ("9000", "Aalborg"),
        ("9990", "Skagen"),
        ("6000", "Kolding"),
        ("6700", "Esbjerg"),
        ("6760", "Ribe"),
        ("5000", "Odense C"),
        ("5600", "Faaborg"),
        ("5700", "Svendborg"),
        ("4000", "Roskilde"),
        ("4300", "Holbæk"),
        ("4700", "Næstved"),
        ("3000", "Helsingør"),
        ("3700", "Rønne"),
        ("2100", "København Ø"),
        ("2200", "København N"),
        ("1620", "København V"),
        ("2000", "Frederiksberg"),
        ("2800", "Kongens Lyngby"),
    ),
    phone="10 ## ## ##",
    mobile="10 ## ## ##",
)

SWEDEN = Country(
    code="SE",
    language="sv",
    first_names=("Astrid", "Björn", "Elin", "Gustav", "Karin", "Linnéa", "Oskar", "Sven"),
    last_names=("Lindqvist", "Åkesson", "Bergström", "Ekdahl", "Sjöberg", "Wallin", "Östlund"),
    streets=("Storgatan", "Drottninggatan", "Hamngatan"),
    places=(("211 22", "Malmö"), ("222 23", "Lund"), ("411 05", "Göteborg")),
    phone="08 465 004 ##",
    mobile="070 174 06 5#",
)

NORWAY = Country(
    code="NO",
    language="nb",
    first_names=("Eirik", "Gunn", "Håkon", "Ingebjørg", "Kåre", "Marit", "Sindre", "Solveig"),
    last_names=("Bakken", "Dahle", "Fjeld", "Haugen", "Lie", "Nygård", "Solberg", "Ødegård"),
    streets=("Kirkegata", "Strandgata", "Storgata"),
    places=(("5003", "Bergen"), ("4006", "Stavanger"), ("0152", "Oslo")),
)

GERMANY = Country(
    code="DE",
    language="de",
    first_names=("Anke", "Dieter", "Frauke", "Jürgen", "Katja", "Lukas", "Ute", "Wiebke"),
    last_names=("Brandt", "Friedrichsen", "Harms", "Köhler", "Lüders", "Petersen", "Schröder"),
    streets=("Hauptstraße", "Am Hafen", "Lange Straße"),
    places=(("20457", "Hamburg"), ("24937", "Flensburg"), ("10115", "Berlin")),
    phone="030 23125 ###",
    mobile="0171 39200 ##",
)

BRITAIN = Country(
    code="GB",
    language="en",
    first_names=("Alice", "Daniel", "Fiona", "George", "Imogen", "Oliver", "Priya", "Tom"),
    last_names=("Ashworth", "Harper", "Lowe", "Mistry", "O’Connell", "Pemberton", "Whitfield"),
    streets=("High Street", "Mill Lane", "Church Road"),
    places=(("EC1V 9BD", "London"), ("EH1 1YZ", "Edinburgh")),
    phone="020 7946 0###",
    mobile="07700 900###",
)

COUNTRIES = (DENMARK, SWEDEN, NORWAY, GERMANY, BRITAIN)

DEALERS = Trade(
    key="dealers",
    companies=46,
    people=(1, 5),
    names=(
        "{} Belysning ApS",
        "{city} Lampehus",
        "{} Lamper",
        "{} & Søn El A/S",
        "Lys & Rum {city}",
        "{} Interiør",
        "Huset {}",
        "Lampestuen {city}",
    ),
    positions=("Owner", "Shop manager", "Buyer", "Sales", "Sales", "Window dresser", "Accounts"),
)

ARCHITECTS = Trade(
    key="architects",
    companies=28,
    people=(2, 4),
    names=(
        "{} Arkitekter",
        "{} & {} Arkitekter A/S",
        "Tegnestuen {}",
        "Studio {}",
        "{} Lysdesign",
        "{} Rumdesign ApS",
    ),
    positions=(
        "Partner",
        "Architect",
        "Architect",
        "Interior architect",
        "Lighting designer",
        "Office manager",
    ),
)

HOSPITALITY = Trade(
    key="hospitality",
    companies=22,
    people=(1, 4),
    names=("Hotel {}", "Restaurant {}", "Café {}", "{} Kro", "Badehotellet {}", "Spisehuset {}"),
    positions=("Manager", "Owner", "Host", "Head of housekeeping", "Buyer"),
)

OFFICES = Trade(
    key="offices",
    companies=12,
    people=(2, 4),
    names=("{} Ejendomme A/S", "Advokaterne {} & {}", "{} Revision", "{} Byg ApS", "Klinik {}"),
    positions=("Director", "Facility manager", "Office manager", "Caretaker", "Buyer"),
)

ABROAD = {
    SWEDEN: ("Ljusverket {city} AB", "{} Inredning AB", "{} Arkitektkontor"),
    NORWAY: ("Lysgalleriet {city} AS", "{} Interiør AS", "Fjellhotellet {}"),
    GERMANY: ("Lichthaus {}", "{} Leuchten GmbH", "Hotel {}"),
    BRITAIN: ("{} Interiors Ltd", "{} & {} Architects"),
}
"""Each of these once; they count as dealers."""

WAYS_IN = (
    ("Sign-up on fjordlys.example", "consent"),
    ("Sign-up on fjordlys.example", "consent"),
    ("Sign-up on fjordlys.example", "consent"),
    ("Showroom visit, ticked on the guest list", "consent"),
    ("Showroom visit, ticked on the guest list", "consent"),
    ("Trade fair, card left at the stand", "consent"),
    ("Order, did not say no to news", "customer"),
    ("Order, did not say no to news", "customer"),
    ("Dealer agreement", "customer"),
    ("Warranty registration", "customer"),
    ("Found on the company’s site, wrote about prices", "legitimate_interest"),
)
"""How we came to know people, and what allows us to write to them."""

WITHDRAWALS = (
    "Asked on the phone",
    "Answered “no more, please”",
    "Said so in the showroom",
    "Letter",
)

NOTES = (
    "Prefers a call before noon.",
    "Wants Lumo in brass for the window.",
    "Waits for the outdoor series.",
    "Has 40 pendants from 2019, asks about spare parts.",
    "Pays late, but pays.",
)

BROWSERS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML,"
    " like Gecko) Mobile/15E148",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Thunderbird/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
    "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/138.0.0.0 Mobile Safari/537.36",
)
SCANNER = "Mozilla/5.0 (compatible; link scanner)"
