ALTER TABLE provider_connections ADD COLUMN health_check_minutes INTEGER;
