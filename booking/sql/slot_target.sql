-- The start time that somebody asks for: of a published session of a listed center, on one of its days; full or not.
-- `slot_target` is a function, because its plan is kept: planning the joins costs four times as much as running them.
-- What it asks stands in `slot_that_counts`, for others to ask with it: its text becomes part of their plan.
CREATE OR REPLACE FUNCTION slot_that_counts(p_slot bigint, p_zone text)
RETURNS TABLE (slot bigint, center bigint, vaccine text, contingent bigint, starts_at timestamptz, closes_on date)
LANGUAGE sql STABLE AS $$
    SELECT s.id, s.center_id, s.vaccine_id::text, s.contingent_id, s.starts_at, c.last_day
      FROM centers_slot s
      JOIN centers_session session ON session.id = s.session_id
      JOIN centers_center c ON c.id = s.center_id
     WHERE s.id = p_slot AND NOT s.suspended AND session.state = 'published' AND c.listed
       AND (s.starts_at AT TIME ZONE p_zone)::date BETWEEN c.first_day AND coalesce(c.last_day, 'infinity');
$$;

CREATE OR REPLACE FUNCTION slot_target(p_slot bigint, p_zone text)
RETURNS TABLE (slot bigint, center bigint, vaccine text, contingent bigint, starts_at timestamptz, closes_on date)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
BEGIN
    RETURN QUERY SELECT * FROM slot_that_counts(p_slot, p_zone);
END $$;
