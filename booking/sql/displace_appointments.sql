-- Take the places of these appointments away; the appointments stand, marked by `displaced_at`. Returns how many.
--
-- Only of a change to sessions (booking/services/changes.py), which holds the rows of the people and of the slots already,
-- in the order in which everybody locks them. Who has arrived, or has no place any more, is passed over.
CREATE OR REPLACE FUNCTION displace_appointments(p_appointments bigint[], p_now timestamptz) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_displaced int;
BEGIN
    WITH gone AS (
        UPDATE booking_appointment SET displaced_at = p_now
         WHERE id = ANY (p_appointments) AND status = 'booked' AND displaced_at IS NULL
        RETURNING slot_id
    ), less AS (
        SELECT slot_id, count(*)::int AS number FROM gone GROUP BY slot_id
    ), freed AS (
        UPDATE centers_slot s SET booked = s.booked - less.number FROM less WHERE s.id = less.slot_id RETURNING less.number
    )
    SELECT coalesce(sum(number), 0) INTO v_displaced FROM freed;
    RETURN v_displaced;
END $$;
