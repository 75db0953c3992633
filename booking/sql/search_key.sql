-- The words of a name as they are searched for, each with a space before it: "Ursula Müller-Arnold" -> " ursula muller arnold".
--
-- The same folding as identity.words in booking/identity.py: case, accents, ß and ss, ä and ae and a are one. Apostrophes
-- vanish ("O'Neill" is " oneill"), everything else that is no letter or digit parts words. Asked by booking/search.py with
-- what was typed: search_key LIKE '% mul%' finds words that begin so.
CREATE OR REPLACE FUNCTION search_key(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    rtrim(' ' || ltrim(regexp_replace(regexp_replace(regexp_replace(
        replace(replace(translate(
            regexp_replace(lower(normalize(lower(translate(name, '''’‘´`ʼ', '')), NFKD)), '[\u0300-\u036f''’‘´`ʼ]', '', 'g'),
            'łøđðæœıħŧς', 'loddaoihtσ'), 'ß', 'ss'), 'þ', 'th'),
        '[^[:alnum:]]+', ' ', 'g'), '([aou])e+', '\1', 'g'), ' +', ' ', 'g')));
