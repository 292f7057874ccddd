internal import GRDB

/// The register's schema, version by version. A migration that was released is never edited; the next one is added.
///
/// | table | one row is |
/// |---|---|
/// | `request` | a form that was accepted: its bytes, its state, its outcome |
/// | `unsigned_form` | a form that waits for the approver's signature, and is no request yet |
/// | `moved_plan` | that something has moved which the plan of a request depended on: nothing more of it is done |
/// | `change` | a change that was begun: its intent, then its outcome |
/// | `account` | the mirror of one entry |
/// | `address` | who holds or held an address |
/// | `ledger` | one thing that happened, chained to all before it |
/// | `ledger_file` | how much of the ledger stands in the files below `records/` |
/// | `used_configuration` | which configuration the agent used last |
/// | `ledger_restored` | that the register was restored, and its ledger isn't continued from those files yet |
/// | `attempt` | what was in work when the agent died, and how often |
/// | `trouble` | why the whole queue waits, while it does |
/// | `hold` | why a held request is held, and who may let it go |
/// | `atomic` | how far an atomic request has come that was begun |
/// | `retired` | an address that left an account, whose it was, and until when nobody else gets it |
/// | `membership` | an account that is on a list |
/// | `reference` | an account whose owner or list is an address that left its account: the clock has it follow |
/// | `demand` | how many deletions, suspensions and resets a day's forms have asked for |
/// | `queue_order` | what an operator wants done with a request, and what came of it |
/// | `spent` | a number that was used since the backup that the register was restored from |
/// | `restored` | a request that wasn't done in the backup: it may have been since |
/// | `event` | what was done to a request besides carrying it out, and the story of its hand-overs |
/// | `image` | what an entry shows of all that the procedure manages, and what the procedure made of it |
/// | `drift` | a difference between the two that was made outside Buzón |
/// | `drift_event` | that such a difference was found, mended or declared right |
/// | `tombstone` | an entry that has gone, until no older image of it can come any more |
/// | `handover` | a temporary password on its way to its owner |
/// | `clock` | the newest time known, and whether the clock is held because the host's time jumped ahead of it |
/// | `forgotten_line` | a line of the ledger that says what of a request was removed |
/// | `forgotten_address` | an address whose account was forgotten, as a digest under `forgotten_key` |
/// | `forgotten_key` | a random key, so that nobody can tell these digests without the register |
/// | `forgetting` | that what was removed may still lie in free pages, or in copies of the account list |
/// | `lockout` | how long failed logins lock an account, by the directory's policy |
/// | `listening` | how far the directory was listened to (RFC 4533), and how it is |
enum Migrations {
  /// A restore writes it into registers of earlier versions too.
  static let spent = "CREATE TABLE IF NOT EXISTS spent (number TEXT PRIMARY KEY) STRICT, WITHOUT ROWID"

  /// As ``spent``.
  static let restored = "CREATE TABLE IF NOT EXISTS restored (request INTEGER PRIMARY KEY) STRICT"

  /// As ``spent``. A row: the register was restored from a backup, and its ledger isn't continued yet.
  static let continued = "CREATE TABLE IF NOT EXISTS ledger_restored (made INTEGER PRIMARY KEY) STRICT"

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
            submitter_uid INTEGER,             -- the owner of that file; null: the clock's own request
            submitter TEXT,                    -- the owner's name then; null: the host had none
            department TEXT NOT NULL,          -- from here on: as the form says
            requester TEXT NOT NULL,
            requester_address TEXT,
            approved_by TEXT NOT NULL,
            approved_on TEXT NOT NULL,         -- YYYY-MM-DD
            approval_reference TEXT,
            received INTEGER NOT NULL,         -- milliseconds since 1970 UTC, as all times here
            changes INTEGER NOT NULL,
            state TEXT NOT NULL,               -- ready, held, done
            reason TEXT,                       -- why it is held, or waits alone
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
            change_index INTEGER NOT NULL,            -- the change's index in the form
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
            PRIMARY KEY (request, change_index)
          ) STRICT;
          CREATE INDEX change_open ON change(request, change_index) WHERE outcome IS NULL;
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
            kind TEXT NOT NULL,                -- taken, file, reading, change, atomic
            name TEXT NOT NULL,                -- of a file, or a request's number
            change_index INTEGER NOT NULL,            -- the change's index in the form; 0 for all else
            deaths INTEGER NOT NULL,
            PRIMARY KEY (kind, name, change_index)
          ) STRICT, WITHOUT ROWID;

          CREATE TABLE clock (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            known INTEGER,                     -- the newest time that was taken for right
            held INTEGER,                      -- the host's time when it was found to be ahead; null: the clock goes
            released_by TEXT                   -- who said that it is right; null: nobody, or the agent has seen it
          ) STRICT;

          CREATE TABLE trouble (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            since INTEGER NOT NULL,
            what TEXT NOT NULL,
            remedy TEXT NOT NULL
          ) STRICT;
          """)
    }
    migrator.registerMigration("2") { database in
      try database.execute(
        sql: """
          ALTER TABLE change ADD COLUMN turn INTEGER;     -- atomic: which of the operations carries it out, in their order
          ALTER TABLE change ADD COLUMN orphans TEXT;     -- what lost its owner by it; separated by spaces
          ALTER TABLE change ADD COLUMN reused TEXT;      -- addresses given though they were another's; separated by spaces
          CREATE INDEX change_entry ON change(entry_uuid) WHERE entry_uuid IS NOT NULL;

          ALTER TABLE account ADD COLUMN expires INTEGER;    -- seconds since 1970 UTC
          ALTER TABLE account ADD COLUMN retained INTEGER;   -- since when; seconds since 1970 UTC
          ALTER TABLE account ADD COLUMN clock INTEGER;      -- the clock's request that has it in hand, or had
          CREATE INDEX account_expires ON account(expires)
            WHERE expires IS NOT NULL AND status = 'active' AND clock IS NULL;
          CREATE INDEX account_retained ON account(retained) WHERE retained IS NOT NULL AND clock IS NULL;
          CREATE INDEX account_owner ON account(owner, address) WHERE owner IS NOT NULL;

          -- recorded: 1 the record stands on the disk, 2 its page too
          CREATE INDEX request_unpaged ON request(id) WHERE state = 'done' AND recorded = 1;

          CREATE TABLE hold (
            request INTEGER PRIMARY KEY REFERENCES request,
            cause TEXT NOT NULL                -- operator, limits, trouble
          ) STRICT;

          CREATE TABLE atomic (
            request INTEGER PRIMARY KEY REFERENCES request,
            change_index INTEGER,                     -- the change for which all is undone; null: it is being applied
            code INTEGER,
            diagnostic TEXT,
            remedy TEXT
          ) STRICT;

          CREATE TABLE retired (
            address TEXT PRIMARY KEY,
            until INTEGER NOT NULL,            -- seconds since 1970 UTC
            holder TEXT NOT NULL               -- the entryUUID of the account that it left
          ) STRICT, WITHOUT ROWID;
          CREATE INDEX retired_until ON retired(until);

          CREATE TABLE demand (
            day INTEGER NOT NULL,              -- days since 1970 in the organisation's zone
            kind TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (day, kind)
          ) STRICT, WITHOUT ROWID;

          CREATE TABLE queue_order (
            id INTEGER PRIMARY KEY,
            verb TEXT NOT NULL,
            number TEXT,                       -- null: all
            actor TEXT NOT NULL,
            answers TEXT                       -- null: not carried out yet
          ) STRICT;

          CREATE TABLE event (
            id INTEGER PRIMARY KEY,
            request INTEGER NOT NULL REFERENCES request,
            at INTEGER NOT NULL,
            event TEXT NOT NULL,
            actor TEXT,
            detail TEXT
          ) STRICT;
          CREATE INDEX event_request ON event(request);
          """)
      try database.execute(sql: spent)
    }
    migrator.registerMigration("3") { database in
      try database.execute(
        sql: """
          -- Of an account. By itself, for its rows are long, and the list is read without them.
          CREATE TABLE image (
            entry_uuid TEXT NOT NULL UNIQUE,
            image BLOB NOT NULL,               -- as the directory shows it
            expected BLOB,                     -- as the procedure left it; null: the same
            must_change INTEGER NOT NULL,      -- whether the password is a temporary one
            password_changed INTEGER           -- when it was written last; seconds since 1970 UTC
          ) STRICT;

          CREATE TABLE drift (
            entry_uuid TEXT NOT NULL,
            attribute TEXT NOT NULL,           -- or entry: it was made, or has gone
            address TEXT NOT NULL,
            at INTEGER NOT NULL,
            actor TEXT,                        -- the DN that did it; null: the directory doesn't tell
            request TEXT,                      -- the stamp of the change that the entry should show
            gone BLOB,                         -- entry, where it has gone: the image that is missing
            PRIMARY KEY (entry_uuid, attribute)
          ) STRICT;
          CREATE INDEX drift_address ON drift(address);
          CREATE INDEX drift_at ON drift(at);

          CREATE TABLE tombstone (
            entry_uuid TEXT PRIMARY KEY,
            csn TEXT NOT NULL                  -- no image of this entry up to this one counts any more
          ) STRICT, WITHOUT ROWID;
          CREATE INDEX tombstone_csn ON tombstone(csn);

          CREATE TABLE handover (
            request INTEGER NOT NULL REFERENCES request,
            change_index INTEGER NOT NULL,
            entry_uuid TEXT NOT NULL,
            department TEXT,
            state TEXT NOT NULL,               -- open, delivered, closed, expired
            granted INTEGER NOT NULL,
            ends INTEGER NOT NULL,             -- an unused password serves until then; seconds since 1970 UTC
            salt BLOB,                         -- what it is derived from; null: nobody can show it any more
            shown INTEGER NOT NULL DEFAULT 0,  -- how often the slip was
            received_by TEXT,
            delivered INTEGER,
            ended INTEGER,
            ended_by TEXT,                     -- who or what
            due INTEGER,                       -- when the clock has to do with it; seconds since 1970 UTC
            clock INTEGER,                     -- the clock's request that has it in hand, or had
            PRIMARY KEY (request, change_index)
          ) STRICT;
          CREATE INDEX handover_current ON handover(entry_uuid) WHERE state IN ('open', 'delivered');
          CREATE INDEX handover_entry ON handover(entry_uuid);
          CREATE INDEX handover_open ON handover(granted) WHERE state IN ('open', 'delivered');
          CREATE INDEX handover_due ON handover(due) WHERE due IS NOT NULL AND clock IS NULL;

          CREATE TABLE listening (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            what TEXT NOT NULL,                -- what the cookie belongs to: base, filter, attributes
            cookie BLOB,
            manner TEXT NOT NULL DEFAULT 'none',
            since INTEGER NOT NULL DEFAULT 0,
            problem TEXT
          ) STRICT;

          -- recorded: below 0 to be written again, for a hand-over went on; each time one less
          CREATE INDEX request_stale ON request(id) WHERE state = 'done' AND recorded < 0;
          CREATE INDEX request_received ON request(received);
          CREATE INDEX request_completed ON request(completed) WHERE completed IS NOT NULL;
          CREATE INDEX change_troubled ON change(at) WHERE outcome IN ('failed', 'undone', 'skipped');

          -- Hand-overs that were open before there was this table: their passwords can be shown too.
          INSERT INTO handover (request, change_index, entry_uuid, department, state, granted, ends, salt, due)
            SELECT change.request, change.change_index, change.entry_uuid, account.department, 'open', change.at,
              change.at / 1000 + 2592000,
              coalesce(change.salt, (SELECT salt FROM change AS carrier WHERE carrier.request = change.request
                AND carrier.turn = change.turn AND carrier.salt IS NOT NULL)),
              change.at / 1000 + 2592000
            FROM change JOIN account ON account.entry_uuid = change.entry_uuid
            WHERE change.handover = 'open' AND change.outcome = 'applied' AND account.handover = 'open'
              AND change.entry_uuid IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM change AS later WHERE later.entry_uuid = change.entry_uuid
                AND later.handover = 'open' AND later.request > change.request);
          UPDATE change SET salt = NULL WHERE outcome IS NOT NULL AND salt IS NOT NULL;
          """)
      try database.execute(sql: restored)
    }
    migrator.registerMigration("4") { database in
      try database.execute(
        sql: """
          DROP TABLE trouble;
          CREATE TABLE trouble (
            part TEXT PRIMARY KEY,             -- queue, spool, records, mirror
            since INTEGER NOT NULL,
            what TEXT NOT NULL,
            remedy TEXT NOT NULL
          ) STRICT, WITHOUT ROWID;

          CREATE TABLE acknowledgement (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            at INTEGER NOT NULL,               -- what failed up to then is known to a person
            actor TEXT NOT NULL
          ) STRICT;
          CREATE INDEX handover_overridden ON handover(ended)
            WHERE state = 'expired' AND coalesce(ended_by, '') NOT IN ('clock', 'delete', 'reset');
          """)
    }
    migrator.registerMigration("evidence") { database in
      try database.execute(
        sql: """
          ALTER TABLE change ADD COLUMN name TEXT;        -- whom the account is of
          ALTER TABLE change ADD COLUMN reason TEXT;      -- as the form states it

          ALTER TABLE event ADD COLUMN change_index INTEGER;  -- of a hand-over: the change that granted it
          ALTER TABLE event ADD COLUMN recorded_by TEXT;      -- who reported what another did
          ALTER TABLE queue_order ADD COLUMN because TEXT;    -- why, as the operator says
          CREATE INDEX event_handover ON event(request, change_index) WHERE change_index IS NOT NULL;
          """)
    }
    migrator.registerMigration("runs") { database in
      try database.execute(
        sql: """
          CREATE TABLE last_run (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            ended INTEGER NOT NULL,
            is_once INTEGER NOT NULL,
            exit_code INTEGER NOT NULL
          ) STRICT;

          CREATE TABLE contact (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            provider TEXT NOT NULL,            -- the URI of the server that answered last
            answered INTEGER NOT NULL
          ) STRICT;
          """)
    }
    migrator.registerMigration("locks") { database in
      try database.execute(
        sql: """
          ALTER TABLE account ADD COLUMN locked INTEGER;   -- when failed logins locked it, seconds since 1970 UTC
          CREATE INDEX account_locked ON account(locked) WHERE locked IS NOT NULL;

          CREATE TABLE lockout (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            seconds INTEGER NOT NULL           -- how long such a lock lasts; 0: until it is lifted
          ) STRICT;

          -- shown: the status, but `locked` where failed logins locked an active account and the lock is in force
          CREATE VIEW shown_account AS SELECT account.*,
            iif(status = 'active' AND locked IS NOT NULL
              AND coalesce((SELECT seconds = 0 OR locked + seconds > unixepoch() FROM lockout), 1), 'locked', status)
            AS shown FROM account;
          """)
    }
    migrator.registerMigration("drift events") { database in
      try database.execute(
        sql: """
          CREATE TABLE drift_event (
            id INTEGER PRIMARY KEY,
            entry_uuid TEXT NOT NULL,
            kind TEXT NOT NULL,                -- found, mended, accepted
            address TEXT NOT NULL,
            attribute TEXT NOT NULL,           -- or entry: it was made, or has gone
            at INTEGER NOT NULL,
            actor TEXT,                        -- the DN that changed it, or the operator who accepted it; null: not known
            changed_by TEXT,                   -- of what was accepted: the DN that changed it
            expected TEXT NOT NULL,            -- for people; a value a line
            present TEXT NOT NULL,             -- for people; a value a line
            request TEXT                       -- the stamp of the change that the entry should show
          ) STRICT;
          CREATE INDEX drift_event_entry ON drift_event(entry_uuid, attribute);
          CREATE INDEX drift_event_address ON drift_event(address);
          CREATE INDEX drift_event_request ON drift_event(request) WHERE request IS NOT NULL;
          """)
    }
    migrator.registerMigration("written lists") { database in
      try database.execute(
        sql: """
          CREATE TABLE list_version (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            version INTEGER NOT NULL           -- grows with every change of what the account list shows
          ) STRICT;
          INSERT INTO list_version VALUES (1, 1);

          CREATE TABLE written_list (
            part TEXT PRIMARY KEY,             -- list, sheet, pages, copy
            version INTEGER NOT NULL,          -- that it shows; 0: of no matter
            style TEXT NOT NULL,               -- how it was written
            files TEXT NOT NULL,               -- what its files were then
            until INTEGER                      -- seconds since 1970 UTC: then it changes by itself; null: never
          ) STRICT, WITHOUT ROWID;
          """)
      for table in ["account", "drift", "lockout"] {
        for event in ["INSERT", "UPDATE", "DELETE"] {
          try database.execute(
            sql: """
              CREATE TRIGGER list_\(table)_\(event.lowercased()) AFTER \(event) ON \(table)
              BEGIN UPDATE list_version SET version = version + 1; END
              """)
        }
      }
    }
    migrator.registerMigration("signatures") { database in
      // As received beside the form; null: none came.
      try database.execute(sql: "ALTER TABLE request ADD COLUMN signature BLOB")
    }
    migrator.registerMigration("references") { database in
      try database.execute(
        sql: """
          CREATE TABLE membership (
            list TEXT NOT NULL,                -- as the account names it
            entry_uuid TEXT NOT NULL,
            PRIMARY KEY (list, entry_uuid)
          ) STRICT, WITHOUT ROWID;
          CREATE INDEX membership_entry ON membership(entry_uuid);
          WITH RECURSIVE part(entry_uuid, list, rest) AS (
            SELECT entry_uuid, NULL, lists || ' ' FROM account WHERE lists <> ''
            UNION ALL SELECT entry_uuid, substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1)
              FROM part WHERE rest <> '')
          INSERT OR IGNORE INTO membership SELECT list, entry_uuid FROM part WHERE list <> '';

          CREATE TABLE reference (
            entry_uuid TEXT NOT NULL,          -- of the account that names the address
            address TEXT NOT NULL,             -- that left its account
            holder TEXT NOT NULL,              -- entryUUID of that account
            due INTEGER NOT NULL,              -- seconds since 1970 UTC
            clock INTEGER,                     -- the clock's request that has it in hand, or had
            PRIMARY KEY (entry_uuid, address)
          ) STRICT, WITHOUT ROWID;
          CREATE INDEX reference_address ON reference(address);
          CREATE INDEX reference_holder ON reference(holder);
          CREATE INDEX reference_due ON reference(due) WHERE clock IS NULL;
          """)
    }
    migrator.registerMigration("failed runs") { database in
      try database.execute(
        sql: """
          ALTER TABLE last_run ADD COLUMN reason TEXT;     -- the error that ended it
          ALTER TABLE last_run ADD COLUMN remedy TEXT;
          """)
    }
    migrator.registerMigration("ledger lines") { database in
      try database.execute(
        sql: """
          DROP TABLE ledger;
          CREATE TABLE ledger (
            sequence INTEGER PRIMARY KEY,      -- from 1, without a gap
            at INTEGER NOT NULL,
            line TEXT NOT NULL,                -- without its end; it names the hash of the line before
            hash BLOB NOT NULL,                -- SHA-256 of the line
            request INTEGER,                   -- that it is about; null: none, or one that the register does not know
            openings TEXT                      -- of its commitments; null: it has none, or they were lost or forgotten
          ) STRICT;
          CREATE INDEX ledger_request ON ledger(request) WHERE request IS NOT NULL;

          CREATE TABLE ledger_file (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            sequence INTEGER NOT NULL,         -- the last line that is on the disk below records/ledger
            year INTEGER NOT NULL,             -- of the file that it stands in
            size INTEGER NOT NULL              -- of that file, up to the end of the line
          ) STRICT;

          CREATE TABLE used_configuration (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            digest TEXT NOT NULL               -- SHA-256 of the file that the agent used last, hexadecimal
          ) STRICT;
          """)
      try database.execute(sql: continued)
      try Ledger.convert(database)
    }
    migrator.registerMigration("signed approvals") { database in
      try database.execute(
        sql: """
          ALTER TABLE request ADD COLUMN signed_key TEXT;  -- the key of the verified signature, SHA256:…; null: none was
          CREATE INDEX request_signed ON request(file) WHERE signed_key IS NOT NULL;

          CREATE TABLE unsigned_form (
            id INTEGER PRIMARY KEY,
            number TEXT NOT NULL,
            digest BLOB NOT NULL,
            file TEXT NOT NULL,
            submitter_uid INTEGER,
            submitter TEXT,
            department TEXT NOT NULL,
            requester TEXT NOT NULL,
            requester_address TEXT,
            approved_by TEXT NOT NULL,
            approved_on TEXT NOT NULL,
            approval_reference TEXT,
            received INTEGER NOT NULL,
            changes INTEGER NOT NULL,
            until INTEGER NOT NULL,            -- refused then, where no signature came
            signature BLOB,                    -- came, and could not be checked yet
            refused TEXT,                      -- its report; it is to be put among the rejected files
            bytes BLOB NOT NULL,
            UNIQUE (number, digest)
          ) STRICT;
          CREATE INDEX unsigned_form_file ON unsigned_form(file);
          CREATE INDEX unsigned_form_number ON unsigned_form(number, id);
          CREATE INDEX unsigned_form_received ON unsigned_form(received, id);
          """)
    }
    migrator.registerMigration("forgotten persons") { database in
      try database.execute(
        sql: """
          CREATE TABLE forgotten_line (
            sequence INTEGER PRIMARY KEY,      -- of the line `forgotten`
            request INTEGER                    -- that it is about; null: none
          ) STRICT;
          CREATE INDEX forgotten_line_request ON forgotten_line(request) WHERE request IS NOT NULL;

          CREATE TABLE forgotten_key (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            key BLOB NOT NULL
          ) STRICT;

          CREATE TABLE forgotten_address (
            digest BLOB NOT NULL,              -- HMAC-SHA256 of the address under that key
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            because TEXT NOT NULL,
            until INTEGER,                     -- nobody else gets it before; seconds since 1970 UTC; null: anybody may
            PRIMARY KEY (digest, at)
          ) STRICT, WITHOUT ROWID;

          CREATE TABLE forgetting (id INTEGER PRIMARY KEY CHECK (id = 1)) STRICT;
          """)
    }
    migrator.registerMigration("submitted plans") { database in
      try database.execute(
        sql: """
          ALTER TABLE request ADD COLUMN plan BLOB;        -- that it is bound to, as received; null: none came
          ALTER TABLE unsigned_form ADD COLUMN plan BLOB;

          CREATE TABLE moved_plan (
            request INTEGER PRIMARY KEY,       -- of which nothing more is done
            change_index INTEGER NOT NULL,     -- that is not as it was planned
            code INTEGER NOT NULL,             -- RFC 4511
            what TEXT NOT NULL,
            remedy TEXT NOT NULL
          ) STRICT;
          """)
    }
    migrator.registerMigration("several providers") { database in
      try database.execute(
        sql: """
          ALTER TABLE contact ADD COLUMN since INTEGER;    -- when the agent began to use this server
          ALTER TABLE contact ADD COLUMN previous TEXT;    -- the server before; null: there was none
          ALTER TABLE contact ADD COLUMN why TEXT;         -- why that one was left
          """)
    }
    return migrator
  }
}
