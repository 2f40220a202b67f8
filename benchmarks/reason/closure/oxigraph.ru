PREFIX : <https://example.org/family#>
INSERT { ?a :reaches ?b } WHERE { ?a :edge+ ?b }
