"""Names, streets and towns of invented people. Any likeness to real ones is chance."""

# By the decades in which the names were given.
OLD = [
    "Ingeborg", "Ursula", "Helga", "Gerda", "Hildegard", "Christa", "Waltraud", "Irmgard", "Erika", "Ruth", "Edith",
    "Elfriede", "Horst", "Günter", "Heinz", "Werner", "Kurt", "Manfred", "Siegfried", "Rolf", "Gerhard", "Karl-Heinz",
]  # fmt: skip
MIDDLE = [
    "Petra", "Sabine", "Martina", "Kerstin", "Heike", "Birgit", "Angelika", "Monika", "Gabriele", "Renate", "Andreas",
    "Thomas", "Frank", "Uwe", "Jürgen", "Bernd", "Wolfgang", "Dieter", "Steffen", "Michael", "Hans-Jürgen",
]  # fmt: skip
YOUNG = [
    "Julia", "Anna", "Katharina", "Franziska", "Nicole", "Sandra", "Claudia", "Anja", "Kathrin", "Josephine", "Stefan",
    "Christian", "Martin", "Sebastian", "Daniel", "Felix", "Tobias", "Robert", "Marcel", "René", "Ayşe", "Minh",
]  # fmt: skip
LAST = [
    "Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Meyer", "Wagner", "Becker", "Schulz", "Hoffmann", "Richter",
    "Klein", "Wolf", "Schröder", "Neumann", "Schwarz", "Zimmermann", "Braun", "Krüger", "Hartmann", "Lange", "Werner",
    "Krause", "Lehmann", "Köhler", "Herrmann", "Walter", "König", "Mayer", "Huber", "Kaiser", "Fuchs", "Peters", "Lang",
    "Scholz", "Möller", "Weiß", "Jung", "Hahn", "Vogel", "Friedrich", "Keller", "Günther", "Frank", "Berger", "Winkler",
    "Roth", "Beck", "Lorenz", "Baumann", "Franke", "Albrecht", "Schuster", "Simon", "Ludwig", "Böhm", "Winter", "Kraus",
    "Martin", "Schumacher", "Krämer", "Vogt", "Stein", "Jäger", "Otto", "Sommer", "Groß", "Seidel", "Heinrich",
    "Brandt", "Haas", "Schreiber", "Graf", "Dietrich", "Ziegler", "Kuhn", "Kühn", "Pohl", "Engel", "Horn", "Busch",
    "Bergmann", "Nowak", "Yılmaz", "Kovács", "Petrova",
]  # fmt: skip

# Names that have broken other people's forms, lists and letters. Each stands once among the people.
SPECIAL = [
    ("Seán", "O'Brien"),
    ("Thị Lan", "Nguyễn"),
    ("Handrij", "Šołta"),
    ("", "Suharto"),  # one name is a whole name
    ("Friedrich-Wilhelm", "von der Heydte-Schönburg-Hartenstein"),
    ("محمد", "الأحمد"),
    ("Li", "Ö"),
    ("Anne-Marie", "d'Arc"),
    ("Jörg", "Weiß-Strauß"),
    ("Łucja", "Wójcik"),
]
TWINS = [("Erika", "Hantzsch"), ("Edith", "Hantzsch")]  # one birth date, one address, two people

STREETS = [
    "Hauptstraße", "Bahnhofstraße", "Dresdner Straße", "Leipziger Straße", "Schillerstraße", "Goethestraße",
    "Gartenstraße", "Bergstraße", "Schulstraße", "Lindenstraße", "Kirchgasse", "Am Markt", "Rosenweg",
    "Clara-Zetkin-Straße", "Straße des Friedens", "August-Bebel-Straße", "Käthe-Kollwitz-Ring", "Mühlweg",
]  # fmt: skip
# Center: postcodes and towns around it.
TOWNS = {
    "SN01": [("01067", "Dresden"), ("01127", "Dresden"), ("01219", "Dresden"), ("01309", "Dresden")],
    "SN02": [("04109", "Leipzig"), ("04229", "Leipzig"), ("04315", "Leipzig"), ("04357", "Leipzig")],
    "SN03": [("09111", "Chemnitz"), ("09119", "Chemnitz"), ("09130", "Chemnitz")],
    "SN04": [("02625", "Bautzen"), ("01917", "Kamenz"), ("02977", "Hoyerswerda"), ("01877", "Bischofswerda")],
    "SN05": [("09456", "Annaberg-Buchholz"), ("08280", "Aue-Bad Schlema"), ("09366", "Stollberg/Erzgeb.")],
    "SN06": [("02826", "Görlitz"), ("02708", "Löbau"), ("02763", "Zittau"), ("02943", "Weißwasser/O.L.")],
    "SN07": [("04552", "Borna"), ("04668", "Grimma"), ("04416", "Markkleeberg"), ("04808", "Wurzen")],
    "SN08": [("01589", "Riesa"), ("01662", "Meißen"), ("01445", "Radebeul"), ("01640", "Coswig")],
    "SN09": [("09599", "Freiberg"), ("09648", "Mittweida"), ("04720", "Döbeln"), ("09661", "Hainichen")],
    "SN10": [("04874", "Belgern-Schildau"), ("04860", "Torgau"), ("04509", "Delitzsch"), ("04838", "Eilenburg")],
    "SN11": [("01796", "Pirna"), ("01705", "Freital"), ("01744", "Dippoldiswalde"), ("01844", "Neustadt in Sachsen")],
    "SN12": [("08523", "Plauen"), ("08233", "Treuen"), ("08209", "Auerbach/Vogtl."), ("08468", "Reichenbach")],
    "SN13": [("08056", "Zwickau"), ("08371", "Glauchau"), ("08412", "Werdau"), ("08451", "Crimmitschau")],
}  # fmt: skip
