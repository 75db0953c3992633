-- The earliest dose 1 of one center that has a dose 2 (or needs none): a few index probes, whatever is booked before it.
--
-- The first six arrays are the windows of dose 1, the next four those of dose 2 (booking/entitlement.py, Scope).
-- p_min/p_max: days to dose 2; p_min NULL = one dose. Where the next free second place lies too late for a first one,
-- the search jumps to the first day that fits it, so that a stretch without second doses costs one step and no scan.
-- `places` is how many open start times follow on that day, counted up to p_few: the probe reads them in one go.
CREATE OR REPLACE FUNCTION earliest_series(
    p_center bigint, p_last_day date, p_zone text, p_few int,
    p_vaccines text[], p_contingents bigint[], p_from timestamptz[], p_until timestamptz[], p_min int[], p_max int[],
    p_vaccines2 text[], p_contingents2 bigint[], p_from2 timestamptz[], p_until2 timestamptz[]
) RETURNS TABLE (starts_at timestamptz, vaccine text, places int) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
DECLARE
    v_end timestamptz := coalesce((p_last_day + 1)::timestamp AT TIME ZONE p_zone, 'infinity');
    v_best timestamptz := v_end;
    v_cursor timestamptz;
    v_open timestamptz[];
    v_day date;
    v_second timestamptz;
BEGIN
    FOR n IN 1 .. coalesce(cardinality(p_vaccines), 0) LOOP
        v_cursor := p_from[n];
        LOOP
            EXIT WHEN v_cursor >= v_best;
            v_open := ARRAY(
                SELECT s.starts_at FROM centers_slot s
                 WHERE s.kind = slot_kind(p_center, p_vaccines[n], p_contingents[n]) AND s.is_open
                   AND s.starts_at >= v_cursor AND s.starts_at < least(p_until[n], v_end)
                 ORDER BY s.starts_at LIMIT p_few);
            EXIT WHEN cardinality(v_open) = 0 OR v_open[1] >= v_best;
            v_day := (v_open[1] AT TIME ZONE p_zone)::date;
            IF p_min[n] IS NOT NULL THEN
                SELECT min(near.starts_at) INTO v_second
                  FROM unnest(p_vaccines2, p_contingents2, p_from2, p_until2) AS may(vaccine, contingent, low, high)
                 CROSS JOIN LATERAL (
                    SELECT s.starts_at FROM centers_slot s
                     WHERE s.kind = slot_kind(p_center, may.vaccine, may.contingent) AND s.is_open
                       AND s.starts_at < least(may.high, v_end)
                       AND s.starts_at >= greatest(may.low, (v_day + p_min[n])::timestamp AT TIME ZONE p_zone)
                     ORDER BY s.starts_at LIMIT 1) AS near
                 WHERE may.vaccine = p_vaccines[n];
                EXIT WHEN v_second IS NULL;
                IF (v_second AT TIME ZONE p_zone)::date > v_day + p_max[n] THEN
                    v_cursor := ((v_second AT TIME ZONE p_zone)::date - p_max[n])::timestamp AT TIME ZONE p_zone;
                    CONTINUE;
                END IF;
            END IF;
            v_best := v_open[1];
            starts_at := v_best; vaccine := p_vaccines[n];
            SELECT count(*) INTO places FROM unnest(v_open) AS one
             WHERE one < (v_day + 1)::timestamp AT TIME ZONE p_zone;
            EXIT;
        END LOOP;
    END LOOP;
    IF starts_at IS NOT NULL THEN
        RETURN NEXT;
    END IF;
END $$;
