"""Words and numbers the generated sentences are filled with."""

from collections.abc import Callable
from random import Random

__all__ = ["LISTS", "NUMBERS", "amount_pair"]

_STEMS = (
    "Aldern Borealis Calverton Dornmark Ekstrand Fairholt Granby Hollister Ivarsson Jurva Kestrel Lindqvist Marwick"
    " Norvent Orrefal Pellervo Quillan Ravensworth Sundvik Tervola Ulmstad Vaskia Westmere Ylander Zelkova Arctos"
    " Brightwater Castellan Delmora Enerva Fennica Glentham Havnar Intrado Kallio Luminor Metrica Nordhav Optiva"
    " Palladine Riverstone Silverbeck Tamarind Ventura Wolfsberg Axiona Bellweather Corvane Duskin Ferrum Hanko"
    " Ilmari Kotka Larsmo Meridan Oulanka Porvoo Raahe Savonia Tikkala Virtanen Bhandari Chaudhry Kirloskar Mehta"
    " Shrivastav Tanaka Hoshino Okafor Mbeki Almeida Ferreira Moretti Bianchi Dupont Lefevre Schreiber Vogel"
).split()
_SUFFIXES = (
    " Oyj; Oy; plc; Inc; Inc.; Corp; Corp.; AG; SE; SA; S.p.A.; AB; ASA; A/S; NV; Ltd; Group; Holdings; Bank;"
    " Industries; Technologies; Energy; Pharma; Foods; Motors; Steel; Telecom; Airlines; Shipping; Paper;"
    " Software; Systems; Retail; Properties; Insurance; Media; Logistics; Engineering;;;;"
).split(";")

LISTS: dict[str, tuple[str, ...]] = {
    "generic": tuple(
        "the company;the group;the firm;the bank;the retailer;the manufacturer;the airline;the insurer;"
        "the utility;the carmaker;the drugmaker;the chipmaker;the shipping company;the steelmaker;"
        "the software company;the telecom operator;the publisher;the builder;the brewer;the miner".split(";")
    ),
    "good": tuple(
        "net profit;operating profit;pretax profit;profit before taxes;profit for the period;profit after tax;"
        "gross profit;earnings;EBIT;EBITDA;net sales;sales;revenue;revenues;turnover;earnings per share;EPS;"
        "net income;net interest income;fee income;order intake;orders received;order backlog;the order book;"
        "operating cash flow;cash flow from operations;free cash flow;like-for-like sales;comparable sales;"
        "same-store sales;underlying profit;adjusted operating profit;operating income;rental income;"
        "premium income;advertising revenue;export sales;service revenue;subscription revenue".split(";")
    ),
    "profit": tuple(
        "net profit;operating profit;pretax profit;profit before tax;EBIT;earnings;EPS;earnings per share;"
        "quarterly profit;the result;operating result;net result;adjusted EBITDA;profit for the period".split(
            ";"
        )
    ),
    "sales": tuple("net sales;sales;revenue;turnover;revenues;group sales;consolidated sales".split(";")),
    "volume": tuple(
        "deliveries;sales volumes;production;passenger numbers;market share;cargo volumes;output;"
        "the number of subscribers;the number of customers;bookings;new orders;exports;visitor numbers;"
        "car registrations;occupancy;assets under management;lending;deposits;the load factor;"
        "the operating margin;the gross margin;profitability;utilisation;demand".split(";")
    ),
    "bad": tuple(
        "operating costs;raw material costs;energy costs;net debt;credit losses;loan losses;impairment losses;"
        "bad loans;non-performing loans;restructuring costs;interest expenses;fuel costs;warranty claims;"
        "customer churn;the debt burden;administrative expenses;inventories of unsold goods;payment defaults;"
        "wage costs;provisions for bad debts".split(";")
    ),
    "loss": tuple(
        "net loss;operating loss;pretax loss;loss;loss before taxes;loss for the period;quarterly loss;"
        "loss per share;EBIT loss".split(";")
    ),
    "rose": tuple(
        "rose;increased;grew;climbed;went up;improved;advanced;jumped;surged;was up;were higher;expanded;"
        "picked up;strengthened;soared;rallied;gained;edged up;more than doubled;nearly doubled;"
        "has increased;has grown".split(";")
    ),
    "fell": tuple(
        "fell;decreased;declined;dropped;went down;slipped;shrank;contracted;plunged;was down;were lower;"
        "weakened;slumped;tumbled;deteriorated;dipped;slid;edged down;halved;sank;has decreased;has fallen".split(
            ";"
        )
    ),
    "rose_to": tuple("rose;increased;grew;climbed;went up;improved;jumped;surged;advanced;was up".split(";")),
    "fell_to": tuple(
        "fell;decreased;declined;dropped;went down;slipped;shrank;plunged;slid;was down".split(";")
    ),
    "was": tuple("was;were;amounted to;totalled;totaled;came to;reached;stood at;came in at".split(";")),
    "period": tuple(
        "in the first quarter;in the second quarter;in the third quarter;in the fourth quarter;in Q1;in Q2;in Q3;"
        "in Q4;in the first half;in the second half;in the first nine months;in the full year;last year;this year;"
        "in the reporting period;in the January-March period;in April-June;in January-September;in 2006;in 2008;"
        "in 2010;in 2012;in 2015;in 2018;in 2021;in 2023;in fiscal 2019;during the quarter;in the quarter to March;"
        "for the year ended December;in July-September 2009;in March;in October;in the past twelve months;;;;".split(
            ";"
        )
    ),
    "ago": tuple(
        "a year earlier;a year ago;in the same period last year;in the corresponding period a year earlier;"
        "the year before;in the prior-year quarter;in the comparison period;the previous year;last year;"
        "in the second quarter of the previous year;in the same quarter in 2007;in the year-ago quarter;"
        "one year before;in the corresponding quarter;in the previous quarter;in 2011;previously".split(";")
    ),
    "versus": tuple(
        "compared to;compared with;up against;against;versus;vs;as compared to;while it was;as against".split(
            ";"
        )
    ),
    "reason_up": tuple(
        "thanks to strong demand;on higher prices;driven by new customers;as cost savings took hold;"
        "helped by a favourable product mix;supported by strong sales in Asia;thanks to higher volumes;"
        "because of improved efficiency;as the market recovered;on robust exports;due to growing demand;;;;;;;;;".split(
            ";"
        )
    ),
    "reason_down": tuple(
        "due to weak demand;on lower prices;because of higher costs;as customers postponed orders;"
        "hit by currency effects;owing to fierce competition;due to lower volumes;as raw materials became dearer;"
        "because of a strike;on one-off charges;amid a slowdown in the market;due to production problems;;;;;;;;;".split(
            ";"
        )
    ),
    "country": tuple(
        "Finland;Sweden;Norway;Denmark;Germany;Poland;Russia;Estonia;Latvia;Lithuania;France;Italy;Spain;Britain;"
        "the Netherlands;the United States;Canada;Mexico;Brazil;Chile;China;India;Japan;South Korea;Vietnam;"
        "Indonesia;Australia;South Africa;Turkey;Ukraine;Switzerland;Austria;Hungary;Romania;Saudi Arabia".split(
            ";"
        )
    ),
    "city": tuple(
        "Helsinki;Tampere;Turku;Stockholm;Gothenburg;Oslo;Copenhagen;Tallinn;Riga;Vilnius;Hamburg;Munich;Warsaw;"
        "Lyon;Milan;Madrid;London;Leeds;Rotterdam;New York;Chicago;Houston;Toronto;Shanghai;Shenzhen;Mumbai;"
        "Chennai;Tokyo;Singapore;Sydney;Zurich;Vienna;Prague;Budapest;St Petersburg;Moscow;Dublin".split(";")
    ),
    "product": tuple(
        "paper machines;wind turbines;mobile phones;elevators;cranes;forest machinery;fibre networks;pumps;"
        "bearings;steel plates;packaging board;ship engines;fertilisers;dairy products;medical devices;"
        "payment terminals;software licences;tyres;windows;building materials;batteries;solar panels;"
        "semiconductors;generic drugs;vaccines;trucks;buses;sports equipment;furniture;clothing;bread;beer;"
        "cloud services;data centres;navigation systems;cables;power transformers;mining equipment".split(";")
    ),
    "customer": tuple(
        "a Swedish utility;the Norwegian navy;a Chinese steel mill;a German carmaker;the city of Warsaw;"
        "a leading retailer;a US hospital chain;the Indian railways;an international oil company;"
        "the Ministry of Defence;a Brazilian pulp producer;a large European bank;a Japanese shipyard;"
        "the Danish tax authority;a major airline;a French energy group;an Australian mine".split(";")
    ),
    "person": tuple(
        "Anna Lindholm;Peter Novak;Mikko Salmela;Laura Bianchi;James Whitfield;Priya Raman;Karl Bergmann;"
        "Sofia Duarte;Henrik Dahl;Mei Tanaka;Robert Ellison;Claire Fontaine;Antti Rautio;Olga Petrova".split(
            ";"
        )
    ),
    "title": tuple(
        "chief executive;chief financial officer;chairman;managing director;head of the packaging division;"
        "chief operating officer;president of the Nordic business;general counsel;head of investor relations;"
        "board member;senior vice president".split(";")
    ),
    "month": tuple(
        "January;February;March;April;May;June;July;August;September;October;November;December".split(";")
    ),
    "business": tuple(
        "packaging;retail banking;electronics;construction;engineering;healthcare;consumer goods;logistics;"
        "energy;telecommunications;publishing;shipping;real estate;forestry;insurance;software;chemicals;"
        "automation;food;mining;aviation;steel;textiles".split(";")
    ),
    "facility": tuple(
        "plant;factory;mill;warehouse;distribution centre;research centre;shopping centre;office;"
        "production line;foundry;store;data centre;terminal;refinery".split(";")
    ),
    "ordinal": ("first", "second", "third", "fourth"),
}


def _company(random: Random) -> str:
    return random.choice(_STEMS) + random.choice(_SUFFIXES).rstrip()


def _subject(random: Random) -> str:
    return random.choice(LISTS["generic"]) if random.random() < 0.3 else _company(random)


def _percent(random: Random) -> str:
    value = random.choice((random.uniform(0.3, 9.9), random.uniform(2, 60), random.uniform(5, 200)))
    figure = f"{value:.1f}" if random.random() < 0.6 else f"{max(1, round(value))}"
    return figure + random.choice(("%", "%", "%", " %", " per cent", " percent", " pct"))


def _amount(random: Random) -> str:
    return _writing(random)(_magnitude(random))


def _magnitude(random: Random) -> float:
    return float(random.choice((random.uniform(0.1, 9.9), random.uniform(5, 99), random.uniform(50, 990))))


def _writing(random: Random) -> Callable[[float], str]:
    """One way of writing amounts of money, the same for all amounts of a sentence."""
    pattern = random.choice(
        (
            "EUR {} mn", "EUR {} mn", "EUR {}mn", "EUR {} million", "EUR{}m", "€{} million", "€{}m", "{} million euros",
            "EUR {} bn", "€{} billion", "${} million", "${} billion", "${}M", "USD {} mn", "US${}m", "${}bn",
            "Rs {} crore", "Rs {} cr", "£{}m", "£{} million", "GBP {} mn", "SEK {} mn", "{} million kronor",
            "NOK {} million", "DKK {} mn", "{} billion yen", "CHF {} million", "PLN {} mn", "EEK {} mn",
        )
    )  # fmt: skip
    digits = random.choice((0, 1, 1, 1, 2))
    return lambda value: pattern.format(f"{value:.{digits}f}")


def amount_pair(random: Random) -> dict[str, str]:
    """A larger and a smaller amount written alike: the slots `hi` and `lo`."""
    write = _writing(random)
    small = _magnitude(random)
    ratio = random.choice((random.uniform(1.05, 1.4), random.uniform(1.2, 4)))
    low, high = write(small), write(small * ratio)
    if low == high:
        high = write(small * ratio + 2)
    return {"hi": high, "lo": low}


def _per_share(random: Random) -> str:
    return random.choice(("EUR {:.2f}", "${:.2f}", "{:.2f} euros", "£{:.2f}", "SEK {:.1f}")).format(
        random.uniform(0.05, 4)
    )


NUMBERS: dict[str, Callable[[Random], str]] = {
    "company": _company,
    "who": _subject,
    "pct": _percent,
    "amount": _amount,
    "per_share": _per_share,
    "count": lambda random: f"{random.choice((7, 12, 25, 40, 60, 90, 150, 220, 400, 650, 1200, 3500)):,}",
    "year": lambda random: str(random.randint(1998, 2026)),
    "day": lambda random: str(random.randint(1, 28)),
    "share": lambda random: f"{random.uniform(3, 60):.{random.choice((0, 1, 2))}f}%",
    "area": lambda random: f"{random.randint(2, 90) * 500:,} square metres",
    "cents": lambda random: f"${random.uniform(0.01, 0.6):.2f}",
    "ticker": lambda random: "$" + "".join(random.choices("ABCDEFGHIKLMNOPRSTUVWXY", k=random.randint(3, 4))),
    "target": lambda random: f"${random.randint(8, 400)}",
}
