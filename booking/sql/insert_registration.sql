-- A new registration with its confirmation link, message and audit event: one statement, so one round trip, and
-- nothing of it without the rest. It waits for a parallel registration of the same person and then inserts nothing:
-- no row comes back. link_nonce is NULL when no message is written. Callers: booking/services/registrations.py.
WITH person AS (
    INSERT INTO booking_registration (
        public_id, case_number, door_code, first_name, last_name, birth_date, street, postcode, town, district_id,
        email, phone, medium, large_print, language, needs_wheelchair, needs_companion, needs_sign_language, criteria, channel,
        identity_key, created_at, confirmed_at, withdrawn_reason, contact_changes
    )
    SELECT %(public_id)s, %(case_number)s, %(door_code)s, %(first_name)s, %(last_name)s, %(birth_date)s, %(street)s,
           %(postcode)s, %(town)s,
           (SELECT area.district_id FROM centers_postcodearea area
             WHERE area.prefix IN (left(%(postcode)s, 1), left(%(postcode)s, 2), left(%(postcode)s, 3),
                                   left(%(postcode)s, 4), %(postcode)s)
             ORDER BY length(area.prefix) DESC LIMIT 1),
           %(email)s, %(phone)s, %(medium)s, %(large_print)s, %(language)s, %(needs_wheelchair)s, %(needs_companion)s, %(needs_sign_language)s,
           %(criteria)s::varchar[], %(channel)s, %(identity_key)s, %(created_at)s, %(confirmed_at)s, '', 0
    ON CONFLICT DO NOTHING
    RETURNING id, rank, district_id
), link AS (
    INSERT INTO booking_accesslink (registration_id, purpose, nonce, token_hash, created_at, failed_tries)
    SELECT id, 'confirm', %(link_nonce)s::uuid, %(link_hash)s, %(created_at)s, 0
      FROM person WHERE %(link_nonce)s IS NOT NULL
    RETURNING id
), message AS (
    INSERT INTO notifications_message (
        public_id, medium, lane, recipient, language, template, reference, dedupe_key, state, attempts, available_at,
        created_at, last_reply
    )
    SELECT gen_random_uuid(), 'email', %(lane)s, %(email)s, %(language)s, 'confirm_registration',
           jsonb_build_object('registration', person.id, 'link', link.id), 'confirm:' || person.id || ':' || link.id,
           'queued', 0, %(created_at)s, %(created_at)s, ''
      FROM person, link
), trail AS (
    INSERT INTO accounts_auditevent (at, actor_id, action, subject, reason, details)
    SELECT %(created_at)s, %(by)s, 'registration.created', %(public_id)s, '',
           jsonb_build_object('channel', %(channel)s::text)
      FROM person
)
SELECT id, rank, district_id FROM person
