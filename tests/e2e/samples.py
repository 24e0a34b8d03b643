"""Northwind's and Chinook's tables, keys and column names, which many know, with rows invented here: the same on every machine, and free of
anybody's licence. Answers from elsewhere about the real Northwind and Chinook do not hold; every test asks this data by SQL of its own."""

import datetime
import random
import sqlite3

import shop

SEED = 20260202

NORTHWIND_SCHEMA = """
CREATE TABLE categories (category_id SMALLINT PRIMARY KEY, category_name VARCHAR(15) NOT NULL, description TEXT);
CREATE TABLE customer_demographics (customer_type_id VARCHAR(10) PRIMARY KEY, customer_desc TEXT);
CREATE TABLE customers (customer_id VARCHAR(5) PRIMARY KEY, company_name VARCHAR(40) NOT NULL, contact_name VARCHAR(30), contact_title VARCHAR(30),
  address VARCHAR(60), city VARCHAR(15), region VARCHAR(15), postal_code VARCHAR(10), country VARCHAR(15), phone VARCHAR(24), fax VARCHAR(24));
CREATE TABLE customer_customer_demo (customer_id VARCHAR(5) NOT NULL REFERENCES customers(customer_id),
  customer_type_id VARCHAR(10) NOT NULL REFERENCES customer_demographics(customer_type_id), PRIMARY KEY (customer_id, customer_type_id));
CREATE TABLE employees (employee_id SMALLINT PRIMARY KEY, last_name VARCHAR(20) NOT NULL, first_name VARCHAR(10) NOT NULL, title VARCHAR(30),
  birth_date DATE, hire_date DATE, city VARCHAR(15), country VARCHAR(15), notes TEXT, reports_to SMALLINT REFERENCES employees(employee_id));
CREATE TABLE suppliers (supplier_id SMALLINT PRIMARY KEY, company_name VARCHAR(40) NOT NULL, contact_name VARCHAR(30), city VARCHAR(15),
  region VARCHAR(15), country VARCHAR(15), phone VARCHAR(24), homepage TEXT);
CREATE TABLE shippers (shipper_id SMALLINT PRIMARY KEY, company_name VARCHAR(40) NOT NULL, phone VARCHAR(24));
CREATE TABLE region (region_id SMALLINT PRIMARY KEY, region_description VARCHAR(60) NOT NULL);
CREATE TABLE territories (territory_id VARCHAR(20) PRIMARY KEY, territory_description VARCHAR(60) NOT NULL,
  region_id SMALLINT NOT NULL REFERENCES region(region_id));
CREATE TABLE employee_territories (employee_id SMALLINT NOT NULL REFERENCES employees(employee_id),
  territory_id VARCHAR(20) NOT NULL REFERENCES territories(territory_id), PRIMARY KEY (employee_id, territory_id));
CREATE TABLE us_states (state_id SMALLINT PRIMARY KEY, state_name VARCHAR(100), state_abbr VARCHAR(2), state_region VARCHAR(50));
CREATE TABLE products (product_id SMALLINT PRIMARY KEY, product_name VARCHAR(40) NOT NULL, supplier_id SMALLINT REFERENCES suppliers(supplier_id),
  category_id SMALLINT REFERENCES categories(category_id), quantity_per_unit VARCHAR(20), unit_price REAL, units_in_stock SMALLINT,
  units_on_order SMALLINT, reorder_level SMALLINT, discontinued INTEGER NOT NULL);
CREATE TABLE orders (order_id SMALLINT PRIMARY KEY, customer_id VARCHAR(5) REFERENCES customers(customer_id),
  employee_id SMALLINT REFERENCES employees(employee_id), order_date DATE, required_date DATE, shipped_date DATE,
  ship_via SMALLINT REFERENCES shippers(shipper_id), freight REAL, ship_name VARCHAR(40), ship_city VARCHAR(15), ship_country VARCHAR(15));
CREATE TABLE order_details (order_id SMALLINT NOT NULL REFERENCES orders(order_id), product_id SMALLINT NOT NULL REFERENCES products(product_id),
  unit_price REAL NOT NULL, quantity SMALLINT NOT NULL, discount REAL NOT NULL, PRIMARY KEY (order_id, product_id));
"""

CHINOOK_SCHEMA = """
CREATE TABLE artist (artist_id INTEGER PRIMARY KEY, name VARCHAR(120));
CREATE TABLE album (album_id INTEGER PRIMARY KEY, title VARCHAR(160) NOT NULL, artist_id INTEGER NOT NULL REFERENCES artist(artist_id));
CREATE TABLE employee (employee_id INTEGER PRIMARY KEY, last_name VARCHAR(20) NOT NULL, first_name VARCHAR(20) NOT NULL, title VARCHAR(30),
  reports_to INTEGER REFERENCES employee(employee_id), birth_date TIMESTAMP, hire_date TIMESTAMP, city VARCHAR(40), country VARCHAR(40));
CREATE TABLE customer (customer_id INTEGER PRIMARY KEY, first_name VARCHAR(40) NOT NULL, last_name VARCHAR(20) NOT NULL, company VARCHAR(80),
  city VARCHAR(40), country VARCHAR(40), email VARCHAR(60) NOT NULL, support_rep_id INTEGER REFERENCES employee(employee_id));
CREATE TABLE genre (genre_id INTEGER PRIMARY KEY, name VARCHAR(120));
CREATE TABLE media_type (media_type_id INTEGER PRIMARY KEY, name VARCHAR(120));
CREATE TABLE playlist (playlist_id INTEGER PRIMARY KEY, name VARCHAR(120));
CREATE TABLE track (track_id INTEGER PRIMARY KEY, name VARCHAR(200) NOT NULL, album_id INTEGER REFERENCES album(album_id),
  media_type_id INTEGER NOT NULL REFERENCES media_type(media_type_id), genre_id INTEGER REFERENCES genre(genre_id), composer VARCHAR(220),
  milliseconds INTEGER NOT NULL, bytes INTEGER, unit_price NUMERIC(10,2) NOT NULL);
CREATE TABLE playlist_track (playlist_id INTEGER NOT NULL REFERENCES playlist(playlist_id), track_id INTEGER NOT NULL REFERENCES track(track_id),
  PRIMARY KEY (playlist_id, track_id));
CREATE TABLE invoice (invoice_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer(customer_id),
  invoice_date TIMESTAMP NOT NULL, billing_city VARCHAR(40), billing_country VARCHAR(40), total NUMERIC(10,2) NOT NULL);
CREATE TABLE invoice_line (invoice_line_id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL REFERENCES invoice(invoice_id),
  track_id INTEGER NOT NULL REFERENCES track(track_id), unit_price NUMERIC(10,2) NOT NULL, quantity INTEGER NOT NULL);
"""

PLACES = (("Germany", "Berlin"), ("France", "Paris"), ("USA", "Portland"), ("UK", "London"), ("Brazil", "Recife"), ("Japan", "Osaka"), ("Kenya", "Nairobi"))
CATEGORIES = ("Beverages", "Bread", "Cheese", "Fish", "Fruit", "Spices")
FIRST = ("Ada", "Boris", "Carla", "David", "Emma", "Farid", "Grete", "Hugo", "Ines")
LAST = ("Abel", "Brandt", "Castro", "Doyle", "Ekberg", "Fujita", "Grant", "Hansen", "Ivanov")


def place(rng):
    """The first countries have many customers, the last have few."""
    return PLACES[min(int(rng.expovariate(0.5)), len(PLACES) - 1)]


def northwind():
    """Table name -> rows, in an order that satisfies the foreign keys."""
    rng, day = random.Random(SEED), datetime.timedelta(days=1)
    customers = []
    for n in range(1, 61):
        country, city = place(rng)
        customers.append((f"CU{n:03}", f"Company {n:02}", f"{rng.choice(FIRST)} {rng.choice(LAST)}", "Owner" if n % 3 else "Buyer", f"{n} Main Street", city,
                          None if n % 4 else "North", f"{n:05}", country, f"555-{n:04}", None if n % 2 else f"556-{n:04}"))
    employees = [(n, LAST[n - 1], FIRST[n - 1], "Head of Sales" if n == 1 else "Sales", datetime.date(1950 + n * 2, n, 3), datetime.date(1990 + n % 5, n, 1),
                  *reversed(PLACES[2 + n % 2]), None, None if n == 1 else 1 + n % 2) for n in range(1, 10)]
    suppliers = [(n, f"Supplier {n:02}", f"{rng.choice(FIRST)} {rng.choice(LAST)}", PLACES[n % 6][1], None, PLACES[n % 6][0], f"557-{n:04}", None)
                 for n in range(1, 13)]
    prices = [round(rng.uniform(2, 90) * 4) / 4 for _ in range(48)]  # quarters: the same in every engine's REAL
    products = [(n, f"Product {n:02}", 1 + n % 12, 1 + n % len(CATEGORIES), f"{n} boxes", prices[n - 1], rng.randint(0, 120), 10 * (n % 3), 5 * (n % 4),
                 int(n % 9 == 0)) for n in range(1, 49)]
    orders, details = [], []
    for n in range(10_001, 10_481):
        customer = customers[min(int(rng.expovariate(0.06)), 55)]  # the last customers never ordered
        ordered = datetime.date(1996, 7, 4) + rng.randint(0, 660) * day
        orders.append((n, customer[0], rng.randint(1, 9), ordered, ordered + 28 * day, None if n % 12 == 0 else ordered + rng.randint(1, 20) * day,
                       rng.randint(1, 3), rng.randint(1, 800) / 4, customer[1], customer[5], customer[8]))
        details += [(n, product, prices[product - 1], rng.randint(1, 40), rng.choice((0, 0, 0.25))) for product in rng.sample(range(1, 49), rng.randint(1, 4))]
    return {
        "categories": [(n, name, f"All kinds of {name.lower()}") for n, name in enumerate(CATEGORIES, 1)],
        "customer_demographics": [("LARGE", "More than 100 people"), ("SMALL", None)],
        "customers": customers,
        "customer_customer_demo": [(row[0], "LARGE" if n % 5 == 0 else "SMALL") for n, row in enumerate(customers) if n % 2],
        "employees": employees,
        "suppliers": suppliers,
        "shippers": [(1, "Quick Parcel", "558-0001"), (2, "Sea and Rail", "558-0002"), (3, "Night Mail", None)],
        "region": [(1, "East"), (2, "West")],
        "territories": [(f"{n:05}", f"Territory {n}", 1 + n % 2) for n in range(1, 13)],
        "employee_territories": [(1 + n % 9, f"{n:05}") for n in range(1, 13)],
        "us_states": [(1, "Maine", "ME", "east"), (2, "Oregon", "OR", "west"), (3, "Utah", "UT", "west")],
        "products": products,
        "orders": orders,
        "order_details": details,
    }


def chinook():
    """Likewise."""
    rng, start = random.Random(SEED), datetime.datetime(2021, 1, 1)
    genres, media = ("Rock", "Jazz", "Metal", "Blues", "Reggae", "Silence"), ("MPEG audio file", "AAC audio file")
    artists = [(n, f"The {LAST[n % 9]} {'Trio' if n % 2 else 'Band'} {n}") for n in range(1, 41)]
    albums = [(n, f"Album {n:02}", 1 + min(int(rng.expovariate(0.12)), 35)) for n in range(1, 91)]
    tracks = []
    for n in range(1, 701):
        milliseconds = rng.randint(90_000, 480_000)
        tracks.append((n, f"Song {n:03}", rng.randint(1, 90), 1 + n % 2, rng.randint(1, 5), None if n % 3 == 0 else rng.choice(LAST), milliseconds,
                       milliseconds * 32, 0.99 if n % 7 else 1.99))
    employees = [(n, LAST[n - 1], FIRST[n - 1], "Manager" if n < 3 else "Support", None if n == 1 else 1 + (n > 4), datetime.datetime(1960 + n, 2, n),
                  datetime.datetime(2010 + n, 5, 1), *reversed(PLACES[n % 3])) for n in range(1, 9)]
    customers = []
    for n in range(1, 51):
        country, city = place(rng)
        customers.append((n, rng.choice(FIRST), rng.choice(LAST), None if n % 4 else f"Company {n}", city, country, f"customer{n}@example.com", 3 + n % 4))
    invoices, lines = [], []
    for n in range(1, 301):
        customer, bought = rng.choice(customers), [(rng.choice(tracks), rng.randint(1, 2)) for _ in range(rng.randint(1, 6))]
        invoices.append((n, customer[0], start + datetime.timedelta(hours=n * 41), customer[4], customer[5],
                         round(sum(track[8] * quantity for track, quantity in bought), 2)))
        lines += [(len(lines) + k, n, track[0], track[8], quantity) for k, (track, quantity) in enumerate(bought, 1)]
    playlists = [(1, "Music"), (2, "Grunge"), (3, "Sunday"), (4, "Sunday"), (5, "Empty")]
    return {
        "artist": artists,
        "album": albums,
        "employee": employees,
        "customer": customers,
        "genre": list(enumerate(genres, 1)),
        "media_type": list(enumerate(media, 1)),
        "playlist": playlists,
        "track": tracks,
        "playlist_track": [(playlist, track) for playlist in range(1, 5) for track in range(playlist, 701, playlist * 3)],
        "invoice": invoices,
        "invoice_line": lines,
    }


SAMPLES = {"northwind": (NORTHWIND_SCHEMA, northwind), "chinook": (CHINOOK_SCHEMA, chinook)}


def sql(name):
    """Statements for PostgreSQL, DuckDB and SQLite."""
    schema, rows = SAMPLES[name]
    return schema + "".join(shop.insert(table, content) for table, content in rows().items())


def write_sqlite(name, path):
    connection = sqlite3.connect(path)
    connection.executescript("BEGIN;" + sql(name) + "COMMIT;")
    connection.close()
