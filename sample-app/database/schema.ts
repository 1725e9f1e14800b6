/** The shop's own tables. The messages live elsewhere: the transports create what they need by themselves. */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer TEXT NOT NULL,
    sku TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    total_cents INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    placed_at TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS order_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    at TEXT NOT NULL,
    department TEXT NOT NULL,
    entry TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS mails (
    reference TEXT PRIMARY KEY,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, available INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS reservations (order_id INTEGER PRIMARY KEY, sku TEXT NOT NULL, quantity INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS invoices (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id INTEGER NOT NULL UNIQUE,
    total_cents INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS payment_outages (sku TEXT PRIMARY KEY, is_over INTEGER NOT NULL DEFAULT 0);

  INSERT OR IGNORE INTO stock (sku, available) VALUES ('tea', 1000), ('coffee', 12), ('gift-card', 1000);
  INSERT OR IGNORE INTO payment_outages (sku) VALUES ('gift-card');
`;
