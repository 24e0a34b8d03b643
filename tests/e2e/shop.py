"""A small shop, made by code, the same on every machine: tables with declared keys, a self reference, comments, NULLs and a view."""

import csv
import datetime
import random
import sqlite3

SEED = 20260101
CUSTOMERS, PRODUCTS, EMPLOYEES, ORDERS, ITEMS_MAX = 200, 60, 12, 1500, 5
COUNTRIES = ("Germany", "France", "Japan", "Brazil", "Kenya", "Canada")
CITIES = {"Germany": ("Berlin", "Köln"), "France": ("Paris", "Lyon"), "Japan": ("Tokyo", "大阪"), "Brazil": ("Recife", "São Paulo"),
          "Kenya": ("Nairobi", "Mombasa"), "Canada": ("Toronto", "Montréal")}
CATEGORIES = ("Books", "Coffee", "Garden", "Music", "Tools")
STATUSES = ("open", "paid", "shipped", "returned")

SCHEMA = """
CREATE TABLE categories (category_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE products (product_id INTEGER PRIMARY KEY, category_id INTEGER NOT NULL REFERENCES categories(category_id),
  name TEXT NOT NULL, price NUMERIC(10,2) NOT NULL, discontinued BOOLEAN NOT NULL);
CREATE TABLE employees (employee_id INTEGER PRIMARY KEY, name TEXT NOT NULL, title TEXT NOT NULL, hired DATE NOT NULL,
  manager_id INTEGER REFERENCES employees(employee_id));
CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, city TEXT NOT NULL,
  country TEXT NOT NULL, created_at TIMESTAMP NOT NULL);
CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers(customer_id),
  employee_id INTEGER REFERENCES employees(employee_id), status TEXT NOT NULL, ordered_at TIMESTAMP NOT NULL, shipped_at TIMESTAMP,
  freight NUMERIC(10,2) NOT NULL);
CREATE TABLE order_items (order_id INTEGER NOT NULL REFERENCES orders(order_id), line INTEGER NOT NULL,
  product_id INTEGER NOT NULL REFERENCES products(product_id), quantity INTEGER NOT NULL, unit_price NUMERIC(10,2) NOT NULL,
  discount NUMERIC(4,2) NOT NULL, PRIMARY KEY (order_id, line));
CREATE VIEW order_totals AS SELECT o.order_id, o.customer_id, sum(i.quantity * i.unit_price * (1 - i.discount)) AS total
  FROM orders o JOIN order_items i ON i.order_id = o.order_id GROUP BY o.order_id, o.customer_id;
"""
COMMENTS = """
COMMENT ON TABLE orders IS 'One row for each order, whatever became of it';
COMMENT ON COLUMN orders.freight IS 'What the customer paid for shipping, in euros';
COMMENT ON COLUMN order_items.discount IS 'A share between 0 and 1';
"""


def rows():
    """Table name -> (column names, rows), in an order that satisfies the foreign keys."""
    rng = random.Random(SEED)
    start = datetime.datetime(2024, 1, 1, 8, 0, 0)
    tables = {}
    tables["categories"] = (("category_id", "name"), [(n, name) for n, name in enumerate(CATEGORIES, 1)])
    prices = [round(rng.uniform(2, 200), 2) for _ in range(PRODUCTS)]
    tables["products"] = (("product_id", "category_id", "name", "price", "discontinued"),
                          [(n, (n - 1) % len(CATEGORIES) + 1, f"Product {n:03}", prices[n - 1], n % 11 == 0) for n in range(1, PRODUCTS + 1)])
    tables["employees"] = (("employee_id", "name", "title", "hired", "manager_id"),
                           [(n, f"Employee {n:02}", "Head" if n == 1 else "Lead" if n < 4 else "Clerk", datetime.date(2018 + n % 6, 1 + n % 12, 1),
                             None if n == 1 else 1 if n < 4 else 2 + n % 2) for n in range(1, EMPLOYEES + 1)])
    customers = []
    for n in range(1, CUSTOMERS + 1):
        country = rng.choice(COUNTRIES)
        customers.append((n, f"Customer {n:03}" if n != 7 else "Miles O'Brien", f"customer{n}@example.com", rng.choice(CITIES[country]), country,
                          start + datetime.timedelta(hours=n * 7)))
    tables["customers"] = (("customer_id", "name", "email", "city", "country", "created_at"), customers)
    orders, items = [], []
    for n in range(1, ORDERS + 1):
        status, ordered = rng.choice(STATUSES), start + datetime.timedelta(days=30, minutes=n * 611)
        shipped = ordered + datetime.timedelta(days=rng.randint(1, 9)) if status in ("shipped", "returned") else None
        # The last ten customers never ordered: what an outer join finds.
        orders.append((n, rng.randint(1, CUSTOMERS - 10), None if n % 17 == 0 else rng.randint(2, EMPLOYEES), status, ordered, shipped,
                       round(rng.uniform(0, 40), 2)))
        for line, product in enumerate(rng.sample(range(1, PRODUCTS + 1), rng.randint(1, ITEMS_MAX)), 1):
            items.append((n, line, product, rng.randint(1, 12), prices[product - 1], rng.choice((0, 0, 0, 0.05, 0.1, 0.25))))
    tables["orders"] = (("order_id", "customer_id", "employee_id", "status", "ordered_at", "shipped_at", "freight"), orders)
    tables["order_items"] = (("order_id", "line", "product_id", "quantity", "unit_price", "discount"), items)
    return tables


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return str(value) if isinstance(value, (int, float)) else "'" + str(value).replace("'", "''") + "'"


def insert(table, content, columns=()):
    """The statements that insert these rows."""
    values = ["(" + ", ".join(map(literal, row)) + ")" for row in content]
    # DuckDB looks for the row that a self reference names among those committed before.
    batches = values if table in ("employee", "employees") else [",\n".join(values)]
    names = f" ({', '.join(columns)})" if columns else ""
    return "".join(f"INSERT INTO {table}{names} VALUES\n{batch};\n" for batch in batches)


def sql(comments=True):
    """Statements for PostgreSQL and DuckDB; for SQLite without the comments."""
    inserts = [insert(table, content, columns) for table, (columns, content) in rows().items()]
    return SCHEMA + "".join(inserts) + (COMMENTS if comments else "")


def write_sqlite(path):
    connection = sqlite3.connect(path)
    connection.executescript(sql(comments=False))
    connection.close()


def write_csv(folder):
    for table, (columns, content) in rows().items():
        with open(folder / f"{table}.csv", "w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(columns)
            writer.writerows([["" if value is None else value for value in row] for row in content])
