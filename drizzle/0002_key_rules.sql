-- What a client key may use, and how much: JSON.
ALTER TABLE api_keys ADD COLUMN rules TEXT;
