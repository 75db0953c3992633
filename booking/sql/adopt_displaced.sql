-- Give appointments without a place one again in the very slots they stand in, as far as those have room: who booked
-- first, first. Returns how many.
--
-- Locks as everybody does: the people, then the slots by (starts_at, id). Only the people locked at the beginning are
-- adopted: somebody displaced since then has her turn the next time.
CREATE OR REPLACE FUNCTION adopt_displaced(p_slots bigint[]) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_people bigint[];
    v_adopted int;
BEGIN
    SELECT array_agg(held.id) INTO v_people
      FROM (SELECT r.id FROM booking_registration r
             WHERE r.id IN (SELECT a.registration_id FROM booking_appointment a
                             WHERE a.slot_id = ANY (p_slots) AND a.displaced_at IS NOT NULL)
             ORDER BY r.id FOR NO KEY UPDATE) AS held;
    IF v_people IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM FROM centers_slot WHERE id = ANY (p_slots) ORDER BY starts_at, id FOR NO KEY UPDATE;
    WITH waiting AS (
        SELECT a.id, a.slot_id, row_number() OVER (PARTITION BY a.slot_id ORDER BY a.booked_at, a.id) AS position
          FROM booking_appointment a
         WHERE a.slot_id = ANY (p_slots) AND a.registration_id = ANY (v_people) AND a.displaced_at IS NOT NULL
    ), adopted AS (
        UPDATE booking_appointment a SET displaced_at = NULL
          FROM waiting JOIN centers_slot s ON s.id = waiting.slot_id AND NOT s.suspended
         WHERE a.id = waiting.id AND waiting.position <= s.capacity - s.booked
        RETURNING a.slot_id
    ), more AS (
        SELECT slot_id, count(*)::int AS number FROM adopted GROUP BY slot_id
    ), taken AS (
        UPDATE centers_slot s SET booked = s.booked + more.number FROM more WHERE s.id = more.slot_id RETURNING more.number
    )
    SELECT coalesce(sum(number), 0) INTO v_adopted FROM taken;
    RETURN v_adopted;
END $$;
