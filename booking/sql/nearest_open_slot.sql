-- The best second place: the first day on which one is free, and on that day the time nearest to the wished one.
--
-- p_contingents, p_from and p_until are parallel arrays: the stretches of time in which this person may use a contingent
-- (booking/entitlement.py, `seconds`). Days are tried from the wished one on, with two index probes each, so that a
-- free calendar costs two probes and a full one two per day.
CREATE OR REPLACE FUNCTION nearest_open_slot(
    p_center bigint, p_vaccine text, p_wished timestamptz, p_last_day date, p_zone text,
    p_contingents bigint[], p_from timestamptz[], p_until timestamptz[]
) RETURNS bigint LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
DECLARE
    v_day date := (p_wished AT TIME ZONE p_zone)::date;
    v_time time := (p_wished AT TIME ZONE p_zone)::time;
    v_begin timestamptz;
    v_end timestamptz;
    v_target timestamptz;
    v_slot bigint;
BEGIN
    WHILE v_day <= p_last_day LOOP
        v_begin := v_day::timestamp AT TIME ZONE p_zone;
        v_end := (v_day + 1)::timestamp AT TIME ZONE p_zone;
        v_target := (v_day + v_time) AT TIME ZONE p_zone;
        SELECT near.id INTO v_slot
          FROM unnest(p_contingents, p_from, p_until) AS may(contingent, from_at, until_at)
         CROSS JOIN LATERAL (
            (SELECT s.id, s.starts_at FROM centers_slot s
              WHERE s.kind = slot_kind(p_center, p_vaccine, may.contingent) AND s.is_open
                AND s.starts_at >= greatest(v_target, may.from_at)
                AND s.starts_at < least(v_end, may.until_at)
              ORDER BY s.starts_at LIMIT 1)
            UNION ALL
            (SELECT s.id, s.starts_at FROM centers_slot s
              WHERE s.kind = slot_kind(p_center, p_vaccine, may.contingent) AND s.is_open
                AND s.starts_at >= greatest(v_begin, may.from_at)
                AND s.starts_at < least(v_target, may.until_at)
              ORDER BY s.starts_at DESC LIMIT 1)
         ) AS near
         ORDER BY abs(extract(epoch FROM near.starts_at - v_target)), near.starts_at, near.id
         LIMIT 1;
        EXIT WHEN v_slot IS NOT NULL;
        v_day := v_day + 1;
    END LOOP;
    RETURN v_slot;
END $$;
