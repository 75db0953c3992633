"""Only slots of a published session are open, whoever writes the session and by whatever statement.

Lists and claims look at `is_open` alone, so the session's state has to reach its slots in the same transaction. Lock
order: a session's slots are touched in the order of time, like everywhere.
"""

from django.db import migrations

FOLLOW = """
CREATE FUNCTION slot_born_as_its_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM centers_session WHERE id = NEW.session_id AND state = 'published') THEN
        NEW.suspended := true;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER slot_born_as_its_session BEFORE INSERT ON centers_slot
    FOR EACH ROW WHEN (NOT NEW.suspended) EXECUTE FUNCTION slot_born_as_its_session();

CREATE FUNCTION slots_follow_their_session() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_slot bigint;
BEGIN
    FOR v_slot IN SELECT id FROM centers_slot WHERE session_id = NEW.id ORDER BY starts_at, id LOOP
        UPDATE centers_slot SET suspended = (NEW.state <> 'published') WHERE id = v_slot;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER slots_follow_their_session AFTER UPDATE OF state ON centers_session
    FOR EACH ROW WHEN ((OLD.state = 'published') <> (NEW.state = 'published'))
    EXECUTE FUNCTION slots_follow_their_session();
"""
STAY = """
DROP TRIGGER slots_follow_their_session ON centers_session;
DROP TRIGGER slot_born_as_its_session ON centers_slot;
DROP FUNCTION slots_follow_their_session, slot_born_as_its_session;
"""


class Migration(migrations.Migration):
    dependencies = [("centers", "0003_slim_index_of_open_slots")]
    operations = [migrations.RunSQL(FOLLOW, STAY)]
