-- What a person writes who knows the data: ids are integers, hasParent and hasPartner come without doubles.
CREATE TABLE hasPartner AS SELECT s, o FROM partner UNION SELECT o, s FROM partner;
CREATE TABLE hasChild AS SELECT o AS s, s AS o FROM parent;
CREATE TABLE hasGrandparent AS SELECT DISTINCT a.s, b.o FROM parent a JOIN parent b ON a.o = b.s;
CREATE TABLE hasGrandchild AS SELECT o AS s, s AS o FROM hasGrandparent;
CREATE TABLE hasSibling AS SELECT DISTINCT a.s, b.s AS o FROM parent a JOIN parent b ON a.o = b.o AND a.s <> b.s;
CREATE TABLE hasAuntOrUncle AS SELECT DISTINCT a.s, b.o FROM parent a JOIN hasSibling b ON a.o = b.s;
CREATE TABLE hasNephewOrNiece AS SELECT o AS s, s AS o FROM hasAuntOrUncle;
CREATE TABLE hasCousin AS SELECT DISTINCT a.s, b.o FROM hasAuntOrUncle a JOIN hasChild b ON a.o = b.s;
CREATE TABLE hasParentInLaw AS SELECT DISTINCT a.s, b.o FROM hasPartner a JOIN parent b ON a.o = b.s;
CREATE TABLE hasAncestor AS
    WITH RECURSIVE up AS (SELECT s, o FROM parent UNION SELECT up.s, p.o FROM up JOIN parent p ON up.o = p.s)
    SELECT s, o FROM up;
CREATE TABLE isKinOf AS
    SELECT s, o FROM parent UNION SELECT s, o FROM hasChild UNION SELECT s, o FROM hasGrandparent
    UNION SELECT s, o FROM hasGrandchild UNION SELECT s, o FROM hasSibling UNION SELECT s, o FROM hasAuntOrUncle
    UNION SELECT s, o FROM hasNephewOrNiece UNION SELECT s, o FROM hasCousin;
