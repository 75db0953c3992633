-- Claim the places of a whole series for one person, or nothing: one round trip.
--
-- The rules have been judged before (booking/entitlement.py); here stands what only the database can decide. Order of
-- locks: the registration, then the slots by (starts_at, id); dose 2 always lies after dose 1. Each place is taken by one
-- conditional UPDATE whose row count gates the INSERT. The message goes by her medium (booking/telling.py; p_lane is the domain
-- of her e-mail address) and gets its link when it is composed. Answers, in `outcome`:
--   booked          everything below was written
--   already_booked  the person has a live appointment (a second click, another tab); nothing was changed
--   withdrawn, not_invited, slot_taken, no_second_dose: nothing was changed
-- Plans are kept, because planning costs more than running, and never read a whole table: a plan made in the empty
-- database of an opening day would else slow down with every booking.
CREATE OR REPLACE FUNCTION claim_series(
    p_registration bigint, p_slot bigint, p_doses int, p_wished timestamptz, p_last_day date, p_zone text,
    p_contingents bigint[], p_from timestamptz[], p_until timestamptz[],
    p_channel text, p_by bigint, p_now timestamptz, p_lane text
) RETURNS TABLE (outcome text, first_appointment bigint, second_slot bigint) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
DECLARE
    v_person booking_registration;
    v_invitation bigint;
    v_center bigint;
    v_vaccine text;
    v_first bigint;
    v_second bigint;
BEGIN
    SELECT * INTO v_person FROM booking_registration WHERE id = p_registration FOR NO KEY UPDATE;
    IF v_person.withdrawn_at IS NOT NULL THEN
        RETURN QUERY SELECT 'withdrawn', NULL::bigint, NULL::bigint; RETURN;
    END IF;
    SELECT a.id INTO v_first FROM booking_appointment a
     WHERE a.registration_id = p_registration AND a.status IN ('booked', 'arrived', 'vaccinated')
     ORDER BY a.dose_number LIMIT 1;
    IF FOUND THEN
        RETURN QUERY SELECT 'already_booked', v_first, NULL::bigint; RETURN;
    END IF;
    SELECT i.id INTO v_invitation FROM booking_invitation i
     WHERE i.registration_id = p_registration AND i.accepted_at IS NULL AND i.closed_at IS NULL
       AND i.valid_until > p_now;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'not_invited', NULL::bigint, NULL::bigint; RETURN;
    END IF;

    UPDATE centers_slot SET booked = booked + 1
     WHERE id = p_slot AND booked < capacity AND NOT suspended AND starts_at > p_now
    RETURNING center_id, vaccine_id INTO v_center, v_vaccine;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'slot_taken', NULL::bigint, NULL::bigint; RETURN;
    END IF;

    WHILE p_doses > 1 LOOP  -- again only when somebody took the very place between looking and taking
        v_second := nearest_open_slot(v_center, v_vaccine, p_wished, p_last_day, p_zone,
                                      p_contingents, p_from, p_until);
        IF v_second IS NULL THEN
            UPDATE centers_slot SET booked = booked - 1 WHERE id = p_slot;
            RETURN QUERY SELECT 'no_second_dose', NULL::bigint, NULL::bigint; RETURN;
        END IF;
        UPDATE centers_slot SET booked = booked + 1 WHERE id = v_second AND booked < capacity AND NOT suspended;
        EXIT WHEN FOUND;
    END LOOP;

    v_first := nextval('booking_appointment_id_seq');  -- so that both doses are one statement
    INSERT INTO booking_appointment (id, public_id, registration_id, slot_id, dose_number, status, sequence, channel,
                                     booked_at, booked_by_id, cancelled_reason)
    SELECT dose.id, gen_random_uuid(), p_registration, dose.slot, dose.number, 'booked', 0, p_channel, p_now, p_by, ''
      FROM (VALUES (v_first, p_slot, 1), (nextval('booking_appointment_id_seq'), v_second, 2)) AS dose (id, slot, number)
     WHERE dose.slot IS NOT NULL;
    UPDATE booking_invitation SET accepted_at = p_now WHERE id = v_invitation;
    INSERT INTO accounts_auditevent (at, actor_id, action, subject, reason, details)
    VALUES (p_now, p_by, 'series.booked', v_person.public_id, '',
            jsonb_build_object('slots', array_remove(ARRAY[p_slot, v_second], NULL), 'channel', p_channel));
    INSERT INTO notifications_message (public_id, medium, lane, recipient, language, template, reference,
                                       dedupe_key, state, attempts, available_at, created_at, last_reply)
    VALUES (gen_random_uuid(), v_person.medium,
            CASE v_person.medium WHEN 'email' THEN coalesce(nullif(p_lane, ''), lower(split_part(v_person.email, '@', 2)))
                                 WHEN 'sms' THEN 'sms' ELSE 'letter:' || coalesce(v_person.district_id, '') END,
            CASE v_person.medium WHEN 'email' THEN v_person.email WHEN 'sms' THEN v_person.phone
                                 ELSE v_person.case_number END,
            v_person.language, 'booked', jsonb_build_object('registration', p_registration),
            'booked:' || v_first, 'queued', 0, p_now, p_now, '');
    RETURN QUERY SELECT 'booked', v_first, v_second;
END $$;
