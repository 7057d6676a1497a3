-- Of two keys that work, people can tell which is which; and a form posted twice makes one.
CREATE UNIQUE INDEX api_keys_label ON api_keys (municipality, merchant, label)
    WHERE revoked_at IS NULL AND merchant IS NOT NULL;
CREATE UNIQUE INDEX api_keys_network_label ON api_keys (municipality, network, label)
    WHERE revoked_at IS NULL AND network IS NOT NULL;
