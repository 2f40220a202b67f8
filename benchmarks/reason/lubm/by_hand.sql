-- What follows from the ontology, as a person writes it: each table holds the stated facts too.
CREATE TABLE all_subOrganizationOf AS WITH RECURSIVE w(s, o) AS (
    SELECT s, o FROM subOrganizationOf UNION SELECT w.s, e.o FROM w JOIN subOrganizationOf e ON w.o = e.s) FROM w;
CREATE TABLE all_worksFor AS SELECT s, o FROM worksFor UNION SELECT s, o FROM headOf;
CREATE TABLE all_memberOf AS SELECT s, o FROM memberOf UNION SELECT s, o FROM all_worksFor;
CREATE TABLE all_member AS SELECT o AS s, s AS o FROM all_memberOf;
CREATE TABLE all_degreeFrom AS SELECT s, o FROM undergraduateDegreeFrom UNION SELECT s, o FROM mastersDegreeFrom
    UNION SELECT s, o FROM doctoralDegreeFrom;
CREATE TABLE all_hasAlumnus AS SELECT o AS s, s AS o FROM all_degreeFrom;
CREATE TABLE all_University AS SELECT s FROM University UNION SELECT o FROM all_degreeFrom;
CREATE TABLE all_Organization AS SELECT s FROM all_University UNION SELECT s FROM Department UNION SELECT s FROM ResearchGroup
    UNION SELECT s FROM all_subOrganizationOf UNION SELECT o FROM all_subOrganizationOf UNION SELECT s FROM all_member;
CREATE TABLE all_Course AS SELECT s FROM Course UNION SELECT s FROM GraduateCourse UNION SELECT o FROM teacherOf
    UNION SELECT o FROM teachingAssistantOf;
CREATE TABLE all_Work AS SELECT s FROM all_Course;
CREATE TABLE all_Publication AS SELECT s FROM Publication UNION SELECT s FROM publicationAuthor;
CREATE TABLE all_TeachingAssistant AS SELECT s FROM TeachingAssistant UNION SELECT s FROM teachingAssistantOf;
CREATE TABLE all_Person AS SELECT s FROM emailAddress UNION SELECT s FROM telephone UNION SELECT o AS s FROM all_member
    UNION SELECT s FROM all_degreeFrom UNION SELECT s FROM advisor UNION SELECT o FROM advisor
    UNION SELECT o FROM publicationAuthor UNION SELECT s FROM teacherOf UNION SELECT s FROM all_TeachingAssistant
    UNION SELECT s FROM FullProfessor UNION SELECT s FROM AssociateProfessor UNION SELECT s FROM AssistantProfessor
    UNION SELECT s FROM Lecturer UNION SELECT s FROM UndergraduateStudent UNION SELECT s FROM GraduateStudent
    UNION SELECT s FROM ResearchAssistant;
CREATE TABLE all_Chair AS SELECT DISTINCT h.s FROM headOf h SEMI JOIN Department d ON h.o = d.s
    SEMI JOIN all_Person p ON h.s = p.s;
CREATE TABLE all_Professor AS SELECT s FROM FullProfessor UNION SELECT s FROM AssociateProfessor
    UNION SELECT s FROM AssistantProfessor UNION SELECT o FROM advisor UNION SELECT s FROM all_Chair;
CREATE TABLE all_Faculty AS SELECT s FROM all_Professor UNION SELECT s FROM Lecturer UNION SELECT s FROM teacherOf;
CREATE TABLE all_Employee AS SELECT s FROM all_Faculty
    UNION SELECT w.s FROM all_worksFor w SEMI JOIN all_Organization g ON w.o = g.s SEMI JOIN all_Person p ON w.s = p.s;
CREATE TABLE all_Student AS SELECT s FROM UndergraduateStudent UNION SELECT s FROM ResearchAssistant
    UNION SELECT t.s FROM takesCourse t SEMI JOIN all_Course c ON t.o = c.s SEMI JOIN all_Person p ON t.s = p.s;
