-- Who asks for which start time: the registration of a visit that stands, and the start time, NULL where it does not
-- count. What every booking begins with, in one round trip. Of the registration only what judging and claiming need.
CREATE OR REPLACE FUNCTION visit_and_target(p_link bigint, p_slot bigint, p_zone text)
RETURNS TABLE (id bigint, birth_date date, criteria text[], district_id text, email text,
               slot bigint, center bigint, vaccine text, contingent bigint, starts_at timestamptz, closes_on date)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
BEGIN
    RETURN QUERY
    SELECT person.id, person.birth_date, person.criteria::text[], person.district_id::text, person.email::text, asked.*
      FROM visit_that_stands(p_link) person
      LEFT JOIN slot_that_counts(p_slot, p_zone) asked ON true;
END $$;
