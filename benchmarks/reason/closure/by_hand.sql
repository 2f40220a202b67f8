CREATE TABLE reaches AS
    WITH RECURSIVE t AS (SELECT s, o FROM edge UNION SELECT t.s, e.o FROM t JOIN edge e ON t.o = e.s)
    SELECT s, o FROM t;
