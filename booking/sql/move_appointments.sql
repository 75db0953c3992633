-- Move appointments of one person to other slots, all of them or none.
--
-- p_appointments[i] goes to p_slots[i]. All slots concerned are visited once, in the order (starts_at, id): a new place
-- is taken by a conditional UPDATE, an old one is given back, unless it had been displaced: then there is none to give
-- back, and moving it to where it stands means that it gets a place again. When a place is gone, what was done is undone and the old
-- appointments stand (outcome `slot_taken`). Other outcomes: moved, unchanged, not_booked. The message goes by her medium, as
-- in claim_series; with p_told false none is written: the caller has one of its own (booking/services/changes.py).
CREATE OR REPLACE FUNCTION move_appointments(
    p_registration bigint, p_appointments bigint[], p_slots bigint[],
    p_by bigint, p_now timestamptz, p_lane text, p_told boolean DEFAULT true
) RETURNS text LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
DECLARE
    v_person booking_registration;
    v_old bigint[];
    v_held bigint[];  -- old slots in which a place is counted
    v_done bigint[] := '{}';
    v_deltas int[] := '{}';
    v_step record;
BEGIN
    SELECT * INTO v_person FROM booking_registration WHERE id = p_registration FOR NO KEY UPDATE;
    SELECT array_agg(a.slot_id ORDER BY w.position), 
           array_agg(a.slot_id ORDER BY w.position) FILTER (WHERE a.displaced_at IS NULL)
      INTO v_old, v_held
      FROM unnest(p_appointments, p_slots) WITH ORDINALITY AS w(appointment, slot, position)
      JOIN booking_appointment a ON a.id = w.appointment AND a.registration_id = p_registration AND a.status = 'booked';
    IF v_old IS NULL OR cardinality(v_old) <> cardinality(p_appointments) OR v_person.withdrawn_at IS NOT NULL THEN
        RETURN 'not_booked';
    END IF;
    IF v_held = p_slots THEN
        RETURN 'unchanged';
    END IF;

    FOR v_step IN
        SELECT s.id, change.delta
          FROM (SELECT places.id, sum(places.delta)::int AS delta
                  FROM (SELECT unnest(p_slots) AS id, 1 AS delta UNION ALL SELECT unnest(v_held), -1) AS places
                 GROUP BY places.id) AS change
          JOIN centers_slot s ON s.id = change.id
         WHERE change.delta <> 0
         ORDER BY s.starts_at, s.id
    LOOP
        UPDATE centers_slot SET booked = booked + v_step.delta
         WHERE id = v_step.id
           AND (v_step.delta < 0 OR (booked + v_step.delta <= capacity AND NOT suspended AND starts_at > p_now));
        IF NOT FOUND THEN
            UPDATE centers_slot s SET booked = s.booked - done.delta
              FROM unnest(v_done, v_deltas) AS done(id, delta) WHERE s.id = done.id;
            RETURN 'slot_taken';
        END IF;
        v_done := v_done || v_step.id;
        v_deltas := v_deltas || v_step.delta;
    END LOOP;

    UPDATE booking_appointment a SET slot_id = w.slot, sequence = a.sequence + 1, displaced_at = NULL
      FROM unnest(p_appointments, p_slots) AS w(appointment, slot) WHERE a.id = w.appointment;
    INSERT INTO accounts_auditevent (at, actor_id, action, subject, reason, details)
    VALUES (p_now, p_by, 'series.moved', v_person.public_id, '', jsonb_build_object('from', v_old, 'to', p_slots));
    IF p_told THEN
        INSERT INTO notifications_message (public_id, medium, lane, recipient, language, template, reference,
                                           dedupe_key, state, attempts, available_at, created_at, last_reply)
        SELECT gen_random_uuid(), v_person.medium,
               CASE v_person.medium WHEN 'email' THEN coalesce(nullif(p_lane, ''), lower(split_part(v_person.email, '@', 2)))
                                    WHEN 'sms' THEN 'sms' ELSE 'letter:' || coalesce(v_person.district_id, '') END,
               CASE v_person.medium WHEN 'email' THEN v_person.email WHEN 'sms' THEN v_person.phone
                                    ELSE v_person.case_number END,
               v_person.language, 'moved',
               jsonb_build_object('registration', p_registration),
               'moved:' || string_agg(a.id || '.' || a.sequence, ':' ORDER BY a.id), 'queued', 0, p_now, p_now, ''
          FROM booking_appointment a WHERE a.id = ANY (p_appointments);
    END IF;
    RETURN 'moved';
END $$;
