-- The registration of a visit that stands, by the link that it began with: asked for by every request of a visitor.
-- A function, because its plan is kept: planning the join costs four times as much as running it.
CREATE OR REPLACE FUNCTION standing_visit(p_link bigint)
RETURNS SETOF booking_registration
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
BEGIN
    RETURN QUERY
    SELECT r.* FROM booking_accesslink l JOIN booking_registration r ON r.id = l.registration_id
     WHERE l.id = p_link AND l.purpose = 'visit' AND l.used_at IS NOT NULL AND l.visit_ended_at IS NULL;
END $$;
