"""Rules are never edited and never deleted, only added; the database sees to it.

Words may be corrected (labels, hints, notes), and an open end may be closed once, when the next version is added.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION priority_rules_are_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'rules are never deleted: % % stays', TG_TABLE_NAME, OLD.code
            USING ERRCODE = 'restrict_violation', HINT = 'Add a regulation with later dates instead, see docs/rules.md.';
    END IF;
    SELECT string_agg(new_value.key, ', ' ORDER BY new_value.key) INTO changed
      FROM jsonb_each(to_jsonb(NEW)) AS new_value
      JOIN jsonb_each(to_jsonb(OLD)) AS old_value USING (key)
     WHERE new_value.value IS DISTINCT FROM old_value.value
       AND NOT (new_value.key = ANY (TG_ARGV[0]::text[]))
       AND NOT (new_value.key = 'valid_until' AND old_value.value = 'null'::jsonb);
    IF changed IS NOT NULL THEN
        RAISE EXCEPTION 'rules are never edited: % of % % would change', changed, TG_TABLE_NAME, OLD.code
            USING ERRCODE = 'restrict_violation', HINT = 'Add a regulation with later dates instead, see docs/rules.md.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER regulation_is_only_added BEFORE UPDATE OR DELETE ON priority_regulation
    FOR EACH ROW EXECUTE FUNCTION priority_rules_are_only_added('{name,source,summary_de,summary_en}');
CREATE TRIGGER criterion_is_only_added BEFORE UPDATE OR DELETE ON priority_criterion
    FOR EACH ROW EXECUTE FUNCTION priority_rules_are_only_added(
        '{position,label_de,label_en,hint_de,hint_en,text_de,text_en,note}');
"""

BACKWARD = """
DROP TRIGGER criterion_is_only_added ON priority_criterion;
DROP TRIGGER regulation_is_only_added ON priority_regulation;
DROP FUNCTION priority_rules_are_only_added();
"""


class Migration(migrations.Migration):
    dependencies = [("priority", "0001_demand")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
