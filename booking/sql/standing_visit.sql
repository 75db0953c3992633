-- The registration of a visit that stands, by the link that it began with: asked for by every request of a visitor.
-- A function, because its plan is kept: planning the join costs four times as much as running it.
-- What a standing visit is stands in `visit_that_stands`, for others to ask with it: its text becomes part of their plan.
CREATE OR REPLACE FUNCTION visit_that_stands(p_link bigint)
RETURNS SETOF booking_registration
LANGUAGE sql STABLE AS $$
    SELECT r.* FROM booking_accesslink l JOIN booking_registration r ON r.id = l.registration_id
     WHERE l.id = p_link AND l.purpose = 'visit' AND l.used_at IS NOT NULL AND l.visit_ended_at IS NULL;
$$;

CREATE OR REPLACE FUNCTION standing_visit(p_link bigint)
RETURNS SETOF booking_registration
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
BEGIN
    RETURN QUERY SELECT * FROM visit_that_stands(p_link);
END $$;
