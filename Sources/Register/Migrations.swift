internal import GRDB

/// The register's schema, version by version. A migration that was released is never edited; the next one is added.
///
/// | table | one row is |
/// |---|---|
/// | `request` | a form that was accepted: its bytes, its state, its outcome |
/// | `change` | a change that was begun: its intent, then its outcome |
/// | `account` | the mirror of one entry |
/// | `address` | who holds or held an address |
/// | `ledger` | one outcome, chained to all before it by its hash |
/// | `attempt` | what was in work when the agent died, and how often |
/// | `trouble` | why the whole queue waits, while it does |
enum Migrations {
  static var all: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { database in
      try database.execute(
        sql: """
          CREATE TABLE request (
            id INTEGER PRIMARY KEY,            -- the order of acceptance
            number TEXT NOT NULL UNIQUE,
            digest BLOB NOT NULL,              -- SHA-256 of the bytes
            file TEXT NOT NULL,                -- the name it came under
            received INTEGER NOT NULL,         -- milliseconds since 1970 UTC, as all times here
            changes INTEGER NOT NULL,
            state TEXT NOT NULL,               -- ready, held, done
            reason TEXT,                       -- why it is held
            outcome TEXT,                      -- applied, partly, failed
            completed INTEGER,
            ledger INTEGER,                    -- the sequence of its last line in the ledger
            recorded INTEGER NOT NULL DEFAULT 0,
            bytes BLOB NOT NULL                -- the form as received; last, for a long form fills pages of its own
          ) STRICT;
          CREATE INDEX request_open ON request(id) WHERE state <> 'done';
          CREATE INDEX request_unrecorded ON request(id) WHERE state = 'done' AND recorded = 0;

          CREATE TABLE change (
            request INTEGER NOT NULL REFERENCES request,
            place INTEGER NOT NULL,            -- the change's index in the form
            address TEXT NOT NULL,
            operation TEXT NOT NULL,
            intended INTEGER,                  -- when; null: decided without an operation
            intent BLOB,                       -- the operation as LDIF, the temporary password's place marked
            entry_uuid TEXT,
            stamp_read TEXT,
            pre_image BLOB,                    -- the entry as read, LDIF
            salt BLOB,                         -- of the temporary password
            outcome TEXT,                      -- applied, unchanged, failed, undone, skipped
            at INTEGER,
            dn TEXT,
            code INTEGER,
            code_name TEXT,
            diagnostic TEXT,
            remedy TEXT,
            handover TEXT NOT NULL DEFAULT 'none',
            PRIMARY KEY (request, place)
          ) STRICT;
          CREATE INDEX change_open ON change(request, place) WHERE outcome IS NULL;
          CREATE INDEX change_address ON change(address, request);

          CREATE TABLE account (
            entry_uuid TEXT PRIMARY KEY,
            address TEXT NOT NULL,
            dn TEXT NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            department TEXT,
            position TEXT,
            status TEXT NOT NULL,
            aliases TEXT NOT NULL,             -- separated by spaces, which no address has
            quota INTEGER,
            owner TEXT,
            lists TEXT NOT NULL,               -- separated by spaces
            created INTEGER,
            changed INTEGER,
            entry_csn TEXT NOT NULL,
            handover TEXT NOT NULL DEFAULT 'none'
          ) STRICT, WITHOUT ROWID;
          CREATE INDEX account_address ON account(address);

          CREATE TABLE address (
            address TEXT PRIMARY KEY,
            entry_uuid TEXT NOT NULL
          ) STRICT, WITHOUT ROWID;
          CREATE INDEX address_entry ON address(entry_uuid);

          CREATE TABLE ledger (
            sequence INTEGER PRIMARY KEY,
            line TEXT NOT NULL,
            hash BLOB NOT NULL                 -- SHA-256 of the hash before and this line
          ) STRICT;

          CREATE TABLE attempt (
            what TEXT PRIMARY KEY,
            deaths INTEGER NOT NULL
          ) STRICT, WITHOUT ROWID;

          CREATE TABLE trouble (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            since INTEGER NOT NULL,
            what TEXT NOT NULL,
            remedy TEXT NOT NULL
          ) STRICT;
          """)
    }
    return migrator
  }
}
