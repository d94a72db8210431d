"""Programmes that cost money or are tours, holds of seats, waiting lines for programmes."""

from alembic import op

revision = "0031_programmes"
down_revision = "0030_doors"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE shrine_programme
    ADD COLUMN merchant_id bigint,
    ADD COLUMN adult_rial bigint DEFAULT 0 NOT NULL,
    ADD COLUMN child_rial bigint DEFAULT 0 NOT NULL,
    ADD COLUMN terms jsonb DEFAULT '{"steps": [], "late": 0, "freed": 0}' NOT NULL,
    ADD COLUMN least_people int,
    ADD COLUMN decide_hours smallint,
    ADD COLUMN stops jsonb DEFAULT '[]' NOT NULL,
    ADD COLUMN meeting_point jsonb DEFAULT '{}' NOT NULL,
    ADD COLUMN guide varchar(80) DEFAULT '' NOT NULL,
    ADD COLUMN languages jsonb DEFAULT '[]' NOT NULL,
    ADD CONSTRAINT ck_shrine_programme_prices CHECK (adult_rial >= 0 AND child_rial >= 0),
    ADD CONSTRAINT ck_shrine_programme_who_is_paid CHECK (adult_rial + child_rial = 0 OR merchant_id IS NOT NULL),
    ADD CONSTRAINT ck_shrine_programme_least CHECK ((least_people IS NULL) = (decide_hours IS NULL) AND least_people > 0 AND decide_hours > 0),
    ADD CONSTRAINT fk_shrine_programme_merchant_id_merchant FOREIGN KEY (merchant_id) REFERENCES merchant (id);
CREATE INDEX ix_shrine_programme_merchant_id ON shrine_programme (merchant_id);

ALTER TABLE shrine_session ADD COLUMN decided_at timestamptz, ADD COLUMN called_off_at timestamptz;
ALTER TABLE seating ADD COLUMN held_until timestamptz;

ALTER TABLE waiting
    ALTER COLUMN lodging_id DROP NOT NULL,
    ALTER COLUMN nights DROP NOT NULL,
    ADD COLUMN session_id bigint,
    ADD COLUMN guests jsonb DEFAULT '[]' NOT NULL,
    ADD CONSTRAINT ck_waiting_one_thing CHECK (num_nonnulls(lodging_id, session_id) = 1),
    ADD CONSTRAINT ck_waiting_nights_of_lodging CHECK ((lodging_id IS NULL) = (nights IS NULL)),
    ADD CONSTRAINT fk_waiting_session_id_shrine_session FOREIGN KEY (session_id) REFERENCES shrine_session (id);
CREATE INDEX ix_waiting_session_id ON waiting (session_id, id) WHERE state = 'waiting';
"""
BACK = """
DELETE FROM waiting WHERE lodging_id IS NULL;
DROP INDEX ix_waiting_session_id;
ALTER TABLE waiting
    DROP CONSTRAINT ck_waiting_one_thing,
    DROP CONSTRAINT ck_waiting_nights_of_lodging,
    DROP COLUMN guests,
    DROP COLUMN session_id,
    ALTER COLUMN nights SET NOT NULL,
    ALTER COLUMN lodging_id SET NOT NULL;
ALTER TABLE seating DROP COLUMN held_until;
ALTER TABLE shrine_session DROP COLUMN called_off_at, DROP COLUMN decided_at;
DROP INDEX ix_shrine_programme_merchant_id;
ALTER TABLE shrine_programme
    DROP CONSTRAINT ck_shrine_programme_prices,
    DROP CONSTRAINT ck_shrine_programme_who_is_paid,
    DROP CONSTRAINT ck_shrine_programme_least,
    DROP COLUMN languages,
    DROP COLUMN guide,
    DROP COLUMN meeting_point,
    DROP COLUMN stops,
    DROP COLUMN decide_hours,
    DROP COLUMN least_people,
    DROP COLUMN terms,
    DROP COLUMN child_rial,
    DROP COLUMN adult_rial,
    DROP COLUMN merchant_id;
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute(BACK)
