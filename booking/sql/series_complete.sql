-- Nobody holds a first dose without the second of a two-dose vaccine: looked at when the transaction commits.
CREATE OR REPLACE FUNCTION appointment_series_complete() RETURNS trigger LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (
        SELECT FROM booking_appointment first
          JOIN centers_slot place ON place.id = first.slot_id
          JOIN centers_vaccine product ON product.code = place.vaccine_id
         WHERE first.registration_id = NEW.registration_id AND first.dose_number = 1 AND first.status = 'booked'
           AND product.doses > 1
           AND NOT EXISTS (
               SELECT FROM booking_appointment second
                 JOIN centers_slot later ON later.id = second.slot_id
                WHERE second.registration_id = first.registration_id AND second.dose_number = 2
                  AND second.status = 'booked' AND later.starts_at > place.starts_at
                  AND later.center_id = place.center_id AND later.vaccine_id = place.vaccine_id)
    ) THEN
        RAISE EXCEPTION 'A booked first dose needs its second: same center, same vaccine, later.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_series_complete';
    END IF;
    RETURN NULL;
END $$;
