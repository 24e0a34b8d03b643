#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "data/catalog.h"
#include "data/column_values.h"

namespace sluice::planner {

/// A catalog for tests from lines such as `airlines: *carrier t, name t` (* primary key; t text, i integer, f floating, n decimal, d date,
/// s timestamp, b boolean) and `flights.carrier > airlines.carrier`; `flights.origin = EWR | JFK` gives known values
/// (where the last is `…`, there are more), `orders.status # 1 = paid, 2 = open` a comment.
struct SampleCatalog {
  Catalog catalog{};
  std::vector<ColumnValues> values{};

  SampleCatalog(Dialect dialect, std::string schema, std::string_view lines) {
    catalog.connection = "sample";
    catalog.dialect = dialect;
    catalog.search_path = {schema};
    for (const std::string_view line : split(lines, '\n')) add(schema, trim(line));
  }

 private:
  Table& table(std::string_view name) {
    for (Table& one : catalog.tables)
      if (one.name.name == name) return one;
    return catalog.tables.front();
  }
  static TypeKind kind(std::string_view letter) {
    constexpr std::string_view letters = "tifndsb";
    constexpr TypeKind kinds[] = {TypeKind::text, TypeKind::integer,   TypeKind::floating, TypeKind::decimal,
                                  TypeKind::date, TypeKind::timestamp, TypeKind::boolean};
    return kinds[letters.find(letter)];
  }
  void add(const std::string& schema, std::string_view line) {
    const auto part = [&](std::string_view sign) {
      return std::pair{trim(line.substr(0, line.find(sign))), trim(line.substr(line.find(sign) + sign.size()))};
    };
    const auto dotted = [](std::string_view name) {
      return std::pair{std::string(name.substr(0, name.find('.'))), std::string(name.substr(name.find('.') + 1))};
    };
    if (line.find(" # ") != std::string_view::npos) {
      const auto [of, comment] = part(" # ");
      const auto [name, column] = dotted(of);
      std::ranges::find(table(name).columns, column, &Column::name)->comment = comment;
    } else if (line.find(" > ") != std::string_view::npos) {
      const auto [from, to] = part(" > ");
      const auto [from_table, from_column] = dotted(from);
      const auto [to_table, to_column] = dotted(to);
      table(from_table).foreign_keys.push_back({{from_column}, {schema, to_table}, {to_column}, KeyOrigin::inferred});
    } else if (line.find(" = ") != std::string_view::npos) {
      const auto [of, all] = part(" = ");
      const auto [name, column] = dotted(of);
      ColumnValues one{{schema, name}, column, {}, true};
      for (const std::string_view value : split(all, '|'))
        if (trim(value) == "…")
          one.complete = false;
        else
          one.values.emplace_back(trim(value));
      values.push_back(std::move(one));
    } else if (line.find(':') != std::string_view::npos) {
      const auto [name, columns] = part(":");
      Table out;
      out.name = {schema, std::string(name)};
      for (std::string_view column : split(columns, ',')) {
        column = trim(column);
        const bool key = column.starts_with('*');
        if (key) column.remove_prefix(1);
        const auto space = column.find(' ');
        const std::string column_name(column.substr(0, space));
        out.columns.push_back({column_name, Type{kind(column.substr(space + 1)), ""}, true, false, ""});
        if (key && !out.primary_key) out.primary_key = Key{};
        if (key) out.primary_key->columns.push_back(column_name);
      }
      catalog.tables.push_back(std::move(out));
    }
  }
};

inline SampleCatalog flights_catalog() {
  return {Dialect::duckdb, "main", R"(
    airlines: *carrier t, name t
    airports: *faa t, name t, lat f, lon f, alt f, tz f, dst t, tzone t
    flights: year i, month i, day i, dep_time f, sched_dep_time i, dep_delay f, arr_time f, sched_arr_time i, arr_delay f, carrier t, flight i, tailnum t, origin t, dest t, air_time f, distance i, hour i, minute i, time_hour s
    planes: *tailnum t, year f, type t, manufacturer t, model t, engines i, seats i, speed f, engine t
    weather: origin t, year i, month i, day i, hour i, temp f, dewp f, humid f, wind_dir f, wind_speed f, wind_gust f, precip f, pressure f, visib f, time_hour s
    flights.carrier > airlines.carrier
    flights.tailnum > planes.tailnum
    flights.origin > airports.faa
    flights.dest > airports.faa
    flights.origin = EWR | JFK | LGA
    flights.dest = ATL | LAX | ORD | SFO | BOS
    flights.carrier = UA | AA | DL | B6 | WN
    weather.origin = EWR | JFK | LGA
    airlines.carrier = UA | AA | DL | B6 | WN
    airlines.name = United Air Lines Inc. | American Airlines Inc. | Delta Air Lines Inc. | JetBlue Airways
    airports.faa = EWR | JFK | LGA | ATL | LAX | ORD | SFO | BOS
    planes.manufacturer = BOEING | AIRBUS | EMBRAER
    planes.engine = Turbo-fan | Turbo-jet
    planes.type = Fixed wing multi engine | Rotorcraft)"};
}

inline SampleCatalog northwind_catalog() {
  return {Dialect::postgres, "public", R"(
    categories: *category_id i, category_name t, description t
    customers: *customer_id t, company_name t, contact_name t, contact_title t, address t, city t, region t, postal_code t, country t, phone t, fax t
    employees: *employee_id i, last_name t, first_name t, title t, birth_date d, hire_date d, city t, country t, reports_to i
    order_details: *order_id i, *product_id i, unit_price f, quantity i, discount f
    orders: *order_id i, customer_id t, employee_id i, order_date d, required_date d, shipped_date d, ship_via i, freight f, ship_name t, ship_city t, ship_country t
    products: *product_id i, product_name t, supplier_id i, category_id i, quantity_per_unit t, unit_price f, units_in_stock i, units_on_order i, reorder_level i, discontinued i
    shippers: *shipper_id i, company_name t, phone t
    suppliers: *supplier_id i, company_name t, contact_name t, city t, country t, phone t
    orders.customer_id > customers.customer_id
    orders.employee_id > employees.employee_id
    orders.ship_via > shippers.shipper_id
    order_details.order_id > orders.order_id
    order_details.product_id > products.product_id
    products.category_id > categories.category_id
    products.supplier_id > suppliers.supplier_id
    employees.reports_to > employees.employee_id
    customers.country = Germany | France | USA | UK | Brazil
    customers.city = London | Berlin | Madrid
    suppliers.country = Germany | Japan | USA | UK
    employees.country = USA | UK
    orders.ship_country = Germany | France | USA | UK
    categories.category_name = Beverages | Condiments | Seafood
    products.product_name = Chai | Chang | Tofu
    employees.first_name = Nancy | Andrew
    employees.last_name = Davolio | Fuller
    customers.company_name = Alfreds Futterkiste | Ernst Handel | …
    orders.ship_name = Alfreds Futterkiste | Ernst Handel | …
    shippers.company_name = Speedy Express | United Package)"};
}

/// Tables that refer to themselves.
inline SampleCatalog company_catalog() {
  return {Dialect::duckdb, "main", R"(
    departments: *department_id i, name t
    employees: *employee_id i, first_name t, last_name t, title t, salary i, hire_date d, department_id i, reports_to i
    orders: *order_id i, employee_id i, amount i, order_date d
    categories: *category_id i, name t, parent_category_id i
    products: *product_id i, name t, price i, category_id i
    employees.department_id > departments.department_id
    employees.reports_to > employees.employee_id
    orders.employee_id > employees.employee_id
    categories.parent_category_id > categories.category_id
    products.category_id > categories.category_id
    employees.first_name = Andrew | Nancy | Steven
    employees.last_name = Fuller | Davolio | Buchanan
    departments.name = Sales | Finance
    categories.name = Food | Drinks | Wine)"};
}

/// Tables that refer to another by two keys.
inline SampleCatalog league_catalog() {
  return {Dialect::duckdb, "main", R"(
    countries: *country_id i, name t
    teams: *team_id i, name t, city t, founded i, country_id i
    matches: *match_id i, match_date d, home_team_id i, away_team_id i, home_score i, away_score i
    airports: *code t, name t, city t, altitude i
    flights: *flight_id i, flight_date d, origin t, dest t, distance i
    cities: *city_id i, city_name t, population i
    shipments: *shipment_id i, from_city_id i, to_city_id i, weight i, ship_date d
    teams.country_id > countries.country_id
    matches.home_team_id > teams.team_id
    matches.away_team_id > teams.team_id
    flights.origin > airports.code
    flights.dest > airports.code
    shipments.from_city_id > cities.city_id
    shipments.to_city_id > cities.city_id
    teams.name = Arsenal | Chelsea | Roma
    teams.city = London | Rome
    countries.name = England | Italy
    airports.code = JFK | ORD | DEN
    airports.city = Chicago | Denver | New York
    flights.origin = JFK | ORD | DEN
    flights.dest = JFK | ORD | DEN
    cities.city_name = Boston | Austin | Reno)"};
}

/// Codes, details and what they refer to, as registers of papers have them.
inline SampleCatalog archive_catalog() {
  return {Dialect::duckdb, "main", R"(
    paper_types: *paper_type_code t, paper_type_description t
    projects: *project_id i, project_details t, budget_in_millions f, founded_year i
    papers: *paper_id i, paper_type_code t, project_id i, paper_name t, pages i, other_details t
    reviews: *review_id i, paper_id i, reviewer t, stars i, review_date d
    towns: *town_id i, official_name t, status t, population i
    fairs: *fair_id i, host_town_id i, name t, year i
    papers.paper_type_code > paper_types.paper_type_code
    papers.project_id > projects.project_id
    reviews.paper_id > papers.paper_id
    fairs.host_town_id > towns.town_id
    paper_types.paper_type_code = BK | CV | PP
    papers.paper_type_code = BK | CV | PP
    papers.paper_name = Learning French | Atlas
    papers.other_details = draft | final
    reviews.reviewer = Ann | Bob
    towns.status = City | Town
    towns.official_name = Grenoble | Lyon)"};
}

inline SampleCatalog chinook_catalog() {
  return {Dialect::postgres, "public", R"(
    album: *album_id i, title t, artist_id i
    artist: *artist_id i, name t
    customer: *customer_id i, first_name t, last_name t, company t, city t, country t, email t, support_rep_id i
    employee: *employee_id i, last_name t, first_name t, title t, reports_to i, birth_date s, hire_date s, city t
    genre: *genre_id i, name t
    invoice: *invoice_id i, customer_id i, invoice_date s, billing_city t, billing_country t, billing_postal_code t, total n
    invoice_line: *invoice_line_id i, invoice_id i, track_id i, unit_price n, quantity i
    media_type: *media_type_id i, name t
    playlist: *playlist_id i, name t
    playlist_track: *playlist_id i, *track_id i
    track: *track_id i, name t, album_id i, media_type_id i, genre_id i, composer t, milliseconds i, bytes i, unit_price n
    album.artist_id > artist.artist_id
    customer.support_rep_id > employee.employee_id
    invoice.customer_id > customer.customer_id
    invoice_line.invoice_id > invoice.invoice_id
    invoice_line.track_id > track.track_id
    playlist_track.playlist_id > playlist.playlist_id
    playlist_track.track_id > track.track_id
    track.album_id > album.album_id
    track.genre_id > genre.genre_id
    track.media_type_id > media_type.media_type_id
    artist.name = AC/DC | Queen | Iron Maiden
    genre.name = Rock | Jazz | Metal
    playlist.name = Music | Grunge
    customer.country = Brazil | Canada | USA
    invoice.billing_country = Brazil | Canada | USA
    invoice.billing_postal_code = 2010 | 8010)"};
}

/// Rows that last, with the dates when they begin and end.
inline SampleCatalog hotel_catalog() {
  return {Dialect::duckdb, "main", R"(
    guests: *guest_id i, name t, country t
    bookings: *booking_id i, guest_id i, channel t, num_guests i, status t, booked_at s, check_in_dt d, check_out_dt d
    tickets: *ticket_id i, booking_id i, priority t, reported_ts s, resolved_ts s
    parcels: *parcel_id i, guest_id i, ordered_at s, shipped_at s, delivered_at s
    waiters: *waiter_id i, name t, hired_on d, left_on d
    calls: *call_id i, guest_id i, started_at s, ended_at s, duration_min i
    sessions: *session_id i, guest_id i, session_start_ts s, session_end_ts s
    bookings.guest_id > guests.guest_id
    tickets.booking_id > bookings.booking_id
    parcels.guest_id > guests.guest_id
    calls.guest_id > guests.guest_id
    sessions.guest_id > guests.guest_id
    bookings.status = completed | cancelled
    bookings.channel = web | phone
    tickets.priority = high | low)"};
}

/// Comments say what codes mean.
inline SampleCatalog rental_catalog() {
  return {Dialect::postgres, "public", R"(
    customers: *customer_id i, name t, city t, height_cm f, plan t
    stations: *station_id i, name t, city t, kind i, docks i
    rentals: *rental_id i, customer_id i, station_id i, started_at s, end_dt d, distance f, rent_total_amt n, status t
    payments: *payment_id i, rental_id i, amount n, method t, state t, paid_at s
    rentals.customer_id > customers.customer_id
    rentals.station_id > stations.station_id
    payments.rental_id > rentals.rental_id
    stations.kind # kind of station: 1 = street, 2 = mall, 3 = depot
    payments.state # s: success, f: failed, p: pending
    customers.plan = basic | pro
    rentals.status = completed | cancelled | in_progress
    payments.method = card | wallet)"};
}

/// Things that are rated and ranked, and dates that are text.
inline SampleCatalog cellar_catalog() {
  return {Dialect::duckdb, "main", R"(
    wines: *wine_id i, name t, colour t, rating f, price n
    tasters: *taster_id i, name t, age i, world_rank i
    cats: *cat_id i, name t, age i, taster_id i
    tastings: *tasting_id i, wine_id i, taster_id i, nose_score i, taste_score i
    orders: *order_id i, wine_id i, order_date t, bottles i
    deliveries: *delivery_id i, wine_id i, delivery_date t
    tastings.wine_id > wines.wine_id
    orders.wine_id > wines.wine_id
    deliveries.wine_id > wines.wine_id
    tastings.taster_id > tasters.taster_id
    cats.taster_id > tasters.taster_id
    wines.colour = red | white
    cats.name = Mia | Tom
    deliveries.delivery_date = 2023-01-05 | 2023-06-30 | 2024-02-01
    orders.order_date = 2023-01-06 | 2023-07-01 | …)"};
}

/// Every table's name begins alike, and so do the columns of each.
inline SampleCatalog broker_catalog() {
  return {Dialect::postgres, "public", R"(
    sbCustomer: *sbCustId i, sbCustName t, sbCustEmail t, sbCustCity t, sbCustCountry t, sbCustJoinDate d, sbCustStatus t
    sbTicker: *sbTickerId i, sbTickerSymbol t, sbTickerName t, sbTickerType t, sbTickerExchange t
    sbDailyPrice: *sbDpTickerId i, *sbDpDate d, sbDpHigh n, sbDpLow n, sbDpClose n
    sbTransaction: *sbTxId i, sbTxCustId i, sbTxTickerId i, sbTxDateTime s, sbTxType t, sbTxShares i, sbTxAmount n, sbTxTotalFee n, sbTxStatus t
    sbTransaction.sbTxCustId > sbCustomer.sbCustId
    sbTransaction.sbTxTickerId > sbTicker.sbTickerId
    sbDailyPrice.sbDpTickerId > sbTicker.sbTickerId
    sbCustomer.sbCustCountry = USA | Canada
    sbCustomer.sbCustStatus = active | inactive
    sbTicker.sbTickerExchange = NASDAQ | NYSE
    sbTransaction.sbTxType = buy | sell
    sbTransaction.sbTxStatus = success | fail)"};
}

/// Values are codes, and keys are called otherwise than those that refer to them.
inline SampleCatalog clinic_catalog() {
  return {Dialect::postgres, "public", R"(
    patients: *pid i, first_name t, last_name t, sex t, state t, country_code t, registered_ts s
    visits: *visit_id i, patient_id i, status t, fee_amt n, dosage_mg f, visited_ts s, paid_ts s
    visits.patient_id > patients.pid
    patients.sex = F | M
    patients.state = IL | CA
    patients.country_code = US | CA | DE
    visits.status = paid | open)"};
}

/// Deals with a date of their own, between who bought and what was sold; rows tell when they were created, too.
inline SampleCatalog showroom_catalog() {
  return {Dialect::duckdb, "main", R"(
    stores: *store_id i, store_name t, city t
    salespeople: *salesperson_id i, store_id i, first_name t, last_name t, hire_date d
    customers: *customer_id i, first_name t, last_name t, state t, created_at s
    bicycles: *bicycle_id i, brand t, model t, condition t, build_year i, purchase_cost n, list_price n, acquired_date d, created_at s
    sales: *sale_id i, bicycle_id i, salesperson_id i, customer_id i, sale_price n, sale_date d, is_delivered b, created_at s
    payments_received: *payment_id i, sale_id i, payment_date d, payment_amount n, payment_method t, created_at s
    payments_made: *payment_id i, vendor_name t, invoice_date d, due_date d, payment_date d, payment_amount n, payment_method t, created_at s
    salespeople.store_id > stores.store_id
    sales.bicycle_id > bicycles.bicycle_id
    sales.salesperson_id > salespeople.salesperson_id
    sales.customer_id > customers.customer_id
    payments_received.sale_id > sales.sale_id
    stores.city = Ulm | ULM | Bonn
    customers.state = TX | CA
    bicycles.brand = Trek | Cube
    bicycles.condition = New | Used
    payments_received.payment_method = Check | Card
    payments_made.payment_method = Check | Card
    payments_made.vendor_name = Rivet Supply | Spoke House)"};
}

/// Members of a gym, the classes that they are enrolled in, and when they came; most dates are text, as in a SQLite file.
inline SampleCatalog gym_catalog() {
  return {Dialect::duckdb, "main", R"(
    trainers: *trainer_id i, trainer_name t, club t
    members: *member_id i, first_name t, last_name t, joined_on d, left_on d, status t, created_at s
    classes: *class_id i, class_name t, trainer_id i, duration_min i, club t
    enrolled_in: *member_id i, *class_id i, enroll_date d, status t
    check_ins: *check_in_id i, member_id i, club t, checked_in_at s, checked_out_at s
    trips: *trip_id i, trainer_id i, started_at s, ended_at s, distance_km n, status t, created_at s
    manuals: *manual_id i, title t, language t, pages i, pub_year i
    events: *event_id i, title t, lead_id i
    event_helpers: *event_id i, *trainer_id i, hours i
    towels: *twl_id i, twl_name t, twl_club t, twl_color t, twl_size t
    towel_levels: *snap_date d, *twl_id i, stock i, reserved i
    classes.trainer_id > trainers.trainer_id
    enrolled_in.member_id > members.member_id
    enrolled_in.class_id > classes.class_id
    check_ins.member_id > members.member_id
    towel_levels.twl_id > towels.twl_id
    events.lead_id > trainers.trainer_id
    event_helpers.event_id > events.event_id
    event_helpers.trainer_id > trainers.trainer_id
    towels.twl_club = North | South
    trips.trainer_id > trainers.trainer_id
    trainers.club = North | South
    classes.club = North | South
    check_ins.club = North | South
    members.status = active | left
    enrolled_in.status = booked | no_show | dropped
    trips.status = done | cancelled
    manuals.language = German | French)"};
}

}  // namespace sluice::planner
