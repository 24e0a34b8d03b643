"""Tables that a question is not about: a company's worth of them, the same at every run, called as tables in real warehouses are.

Twenty departments have their tables, and many of those come again as history, staging, daily sums and the like. Their words overlap with each other's and with
those of the question sets (students, singers, cars, documents), as they would.
"""

import random

SEED = 20260101
DEPARTMENTS = {
    "crm": "customers: name, email, city, country, segment, signup_date; contacts: >customers, first_name, last_name, phone, title; "
           "opportunities: >customers, stage, amount#, close_date; leads: name, company, source, status, score#; campaigns: name, channel, budget#, start_date; "
           "campaign_members: >campaigns, >leads, response; calls: >contacts, duration#, outcome, call_date; addresses: >customers, street, city, zip_code, country",
    "sales": "orders: >stores, status, order_date, total_amount#; order_items: >orders, >products, quantity#, unit_price#; products: name, category, brand, color, "
             "price#; stores: name, city, country, area#, opening_year#; salespeople: name, region, quota#, hire_date; quotes: >orders, amount#, valid_until; "
             "discounts: code, percent#, start_date, end_date; returns: >orders, reason, refund#, return_date; price_lists: >products, currency, price#",
    "billing": "invoices: invoice_number, due_date, amount#, status; invoice_lines: >invoices, description, quantity#, amount#; payments: >invoices, method, "
               "paid_at, amount#; credit_notes: >invoices, amount#, reason; subscriptions: plan_name, started_on, cancelled_on, monthly_fee#; "
               "payment_cards: brand, last_digits, expiry_month#; dunning_letters: >invoices, level#, sent_on; tax_rates: country, rate#, valid_from",
    "finance": "accounts: account_number, name, type, currency, balance#; transactions: >accounts, amount#, booked_on, description; budgets: year#, amount#, "
               "department; cost_centers: name, manager, budget#; journal_entries: >accounts, debit#, credit#, posted_at; exchange_rates: currency, rate#, day; "
               "loans: >accounts, principal#, interest_rate#, maturity_date; assets: name, category, purchase_price#, purchase_date",
    "hr": "employees: first_name, last_name, age#, city, salary#, hire_date; departments: name, location, headcount#; positions: >departments, title, grade; "
          "absences: >employees, kind, first_day, last_day; salaries: >employees, amount#, valid_from; bonuses: >employees, year_awarded#, bonus#; evaluations: "
          ">employees, year#, rating#, remark; applicants: name, email, position, applied_on; trainings: name, provider, cost#; training_participants: >trainings, >employees",
    "support": "tickets: subject, priority, status, opened_at, closed_at; ticket_messages: >tickets, author, body, sent_at; agents: name, team, language; "
               "satisfaction_surveys: >tickets, score#, comment; knowledge_articles: title, body, author, published_at; chats: >agents, started_at, channel; "
               "escalations: >tickets, >agents, level#; macros: name, text",
    "marketing": "newsletters: title, sent_on, recipients#; newsletter_clicks: >newsletters, url, clicked_at; advertisements: name, network, cost_per_click#; "
                 "impressions: >advertisements, day, views#, clicks#; landing_pages: url, title, conversion_rate#; audiences: name, size#; coupons: code, value#, "
                 "expires_on; events: name, venue, city, event_date, attendance#; event_guests: >events, name, company; sponsors: name, country, amount#",
    "web": "sessions: device, browser, country, started_at; page_views: >sessions, url, viewed_at; users: username, email, status, created_at; user_roles: >users, role; "
           "logins: >users, ip_address, login_at; search_terms: term, hits#, day; experiments: name, variant, started_on; clicks: >sessions, element, clicked_at; "
           "notifications: >users, kind, sent_at, read_at; user_settings: >users, setting, value; feedback: >users, stars#, text",
    "logistics": "shipments: tracking_number, weight#, shipped_on, delivered_on; carriers: name, country, phone; warehouses: name, city, capacity#; "
                 "stock_levels: >warehouses, sku, quantity#; routes: origin, destination, distance#; trucks: license_plate, model, year#, mileage#; drivers: name, "
                 "license_number, birthday; deliveries: >drivers, >trucks, >routes, delivered_at; ships: name, type, tonnage#, flag; ports: name, country, latitude#; "
                 "containers: >ships, number, weight#; customs_documents: >shipments, document_type, issued_on",
    "manufacturing": "machines: name, make, model, horsepower#, weight#, year#; production_orders: >machines, quantity#, started_at; parts: name, material, weight#, "
                     "supplier; bills_of_material: >parts, quantity#; quality_checks: >production_orders, result, checked_by; downtimes: >machines, reason, minutes#; "
                     "maintenance: >machines, performed_on, cost#; suppliers: name, city, country, rating#; purchase_orders: >suppliers, total#, ordered_on",
    "education": "students: first_name, last_name, age#, sex, major, city; teachers: name, subject, hometown; courses: title, credits#, department; "
                 "enrollments: >students, >courses, grade, semester; exams: >courses, exam_date, room; schools: name, city, enrollment#; classrooms: >schools, "
                 "room_number, seats#; scholarships: >students, amount#, sponsor; parents: >students, name, phone",
    "media": "artists: name, country, birth_year#, genre; albums: >artists, title, release_year#, label; songs: >albums, title, seconds#, language; playlists: name, "
             "owner; playlist_songs: >playlists, >songs; concerts: >artists, venue, city, concert_date, attendance#; tickets_sold: >concerts, price#, sold_at; "
             "films: title, director, year#, rating#; reviews: >films, author, stars#, text; tv_channels: name, country, language; episodes: title, season#, air_date, share#",
    "sports": "teams: name, city, coach, founded#; players: >teams, name, position, height#, birth_date, nationality; matches: home_team, away_team, played_on, score; "
              "stadiums: name, city, capacity#, opened#; leagues: name, country; standings: >teams, points#, wins#, losses#; transfers: >players, fee#, transfer_date; "
              "injuries: >players, kind, days_out#; tournaments: name, prize_money#, venue; medals: >players, metal, year#",
    "healthcare": "patients: name, birth_date, gender, blood_type; doctors: name, specialty, phone; appointments: >patients, >doctors, starts_at, status; "
                  "prescriptions: >patients, drug, dose#; diagnoses: >patients, code, description; hospitals: name, city, beds#; nurses: >hospitals, name, shift; "
                  "lab_results: >patients, test, value#, taken_on; vaccinations: >patients, vaccine, given_on; allergies: >patients, allergy, severity",
    "travel": "flights: flight_number, origin, destination, departure_time, distance#; airlines: name, country, alliance; airports: name, city, country, "
              "elevation#; bookings: >flights, passenger, price#, booked_on; hotels: name, city, stars#, rooms#; hotel_reviews: >hotels, rating#, text; trips: "
              "destination, start_date, end_date; passports: number, country, expires_on; cruises: ship_name, port, nights#; car_rentals: car_model, pickup_city, price#",
    "real_estate": "properties: address, city, rooms#, price#, year_built#; owners: name, phone; tenants: name, email, move_in_date; leases: >properties, >tenants, rent#, "
                   "start_date; viewings: >properties, visitor, viewed_on; brokers: name, license, region; mortgages: >properties, bank, rate#; buildings: name, "
                   "floors#, height#, city; repairs: >properties, cost#, repaired_on",
    "insurance": "policies: policy_number, kind, premium#, start_date; claims: >policies, amount#, filed_on, status; insured_persons: name, birth_date, city; "
                 "vehicles: make, model, year#, owner, license_plate; accidents: >vehicles, place, date, injured#, killed#; adjusters: name, region; "
                 "risk_scores: >policies, score#; pets_insured: >policies, pet_type, pet_age#, weight#; payouts: >claims, amount#, paid_on",
    "library": "books: title, author, publisher, year#, pages#; members: name, address, age#, member_since; loans_of_books: >books, >members, due_date; authors: name, "
               "homepage, country; journals: title, issn, homepage; papers: title, abstract, year#, citations#; keywords: keyword, language; museums: name, city, "
               "staff#, open_year#; exhibitions: >museums, title, ticket_price#; visitors: name, age#, membership_level#",
    "it": "servers: hostname, ip_address, os, memory#; incidents: >servers, severity, opened_at, resolved_at; deployments: service, version, deployed_at; services: name, "
          "owner, language; documents: title, template, version, author, created_at; document_templates: name, type, body; paragraphs: >documents, text, position#; "
          "licenses: vendor, product, seats#, cost#; devices: serial_number, maker, model, purchased_on; access_logs: path, status#, accessed_at; backups: >servers, size#",
    "government": "cities: name, country, population#, area#; countries: name, continent, population#, official_language; continents: name, area#; elections: year#, "
                  "office, winner; votes: >elections, candidate, count#; parties: name, founded#, leader; battles: name, date, result, commander; deaths: year#, "
                  "cause, killed#, injured#; permits: number, holder, issued_on; fines: offence, amount#, date; people: name, nationality, height#, birth_date",
}
# Forms in which a table comes again: what is added to its name and to its columns.
FORMS = [("{}", ""), ("{}_history", "valid_from, valid_to, changed_by"), ("stg_{}", "loaded_at, source_file"), ("{}_daily", "day, count#, total#"),
         ("{}_archive", "archived_at"), ("fact_{}", "date_key#, batch_id#"), ("{}_audit_log", "action, actor, logged_at"), ("{}_summary", "month, average#, maximum#"),
         ("raw_{}", "payload, received_at"), ("{}_forecast", "month, expected#, confidence#"), ("{}_import", "row_number#, error_message")]
USUAL = ["created_at", "updated_at", "external_id", "is_deleted", "tenant_id#", "notes"]
VALUES = {
    "city": ["London", "Paris", "New York", "Berlin", "Madrid", "Bristol", "Chicago", "Austin"],
    "country": ["USA", "France", "United Kingdom", "Germany", "Netherlands", "Japan", "Australia"],
    "status": ["open", "closed", "pending", "failed", "success"],
    "language": ["English", "French", "Spanish", "German"],
    "gender": ["F", "M"], "sex": ["F", "M"],
    "genre": ["pop", "rock", "jazz", "classical"],
    "make": ["ford", "bmw", "fiat", "toyota", "volvo"],
    "position": ["goalkeeper", "defender", "manager", "pianist"],
    "nationality": ["Russia", "Bulgaria", "Japan", "Netherlands"],
    "kind": ["new", "used", "vip", "dog", "cat"],
}


def column(text):
    text = text.strip()
    number, name = text.endswith("#"), text.rstrip("#")
    date = name.endswith(("_at", "_on", "_date", "_from", "_to", "_until")) or name in ("day", "date")
    kind, native = ("decimal", "numeric") if number else ("timestamp", "timestamp without time zone") if date else ("text", "text")
    return {"name": name, "type": {"kind": kind, "native": native}}


def table(schema, form, name, spec, rng):
    pattern, more = form
    full = pattern.format(name)
    singular = name[:-3] + "y" if name.endswith("ies") else name.rstrip("s")
    made = {"name": {"schema": schema, "name": full}, "row_count": rng.randrange(10, 5_000_000), "primary_key": {"columns": [f"{singular}_id"]},
            "columns": [{"name": f"{singular}_id", "type": {"kind": "integer", "native": "bigint"}, "nullable": False}], "foreign_keys": []}
    for text in (part.strip() for part in (spec + ("," + more if more else "")).split(",")):
        if text.startswith(">"):
            target = text[1:]
            key = (target[:-3] + "y" if target.endswith("ies") else target.rstrip("s")) + "_id"
            made["columns"].append({"name": key, "type": {"kind": "integer", "native": "bigint"}})
            made["foreign_keys"].append({"columns": [key], "target": {"schema": schema, "name": target}, "target_columns": [key]})
        else:
            made["columns"].append(column(text))
    made["columns"] += [column(one) for one in rng.sample(USUAL, rng.randrange(len(USUAL)))]
    if rng.random() < 0.3:
        made["comment"] = f"{full.replace('_', ' ').capitalize()} of {schema}, loaded every night"
    return made


def values(made, rng):
    for one in made["columns"]:
        if one["name"] in VALUES:
            known = VALUES[one["name"]]
            yield {"table": made["name"], "column": one["name"], "values": rng.sample(known, rng.randrange(1, len(known) + 1)), "complete": True}


def distractors(count):
    """(tables, values) as Sluice's catalog is written in JSON."""
    rng = random.Random(SEED)
    plain = [(schema, *(text.strip() for text in entry.split(":"))) for schema, entries in DEPARTMENTS.items() for entry in entries.split(";")]
    every = [(schema, form, name, spec) for form in FORMS for schema, name, spec in plain]
    if count > len(every):
        raise ValueError(f"there are {len(every)} distractors, not {count}")
    tables = [table(schema, form, name, spec, rng) for schema, form, name, spec in every[:count]]
    return tables, [one for made in tables for one in values(made, rng)]
