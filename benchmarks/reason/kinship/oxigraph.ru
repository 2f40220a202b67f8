PREFIX : <https://example.org/family#>
INSERT { ?o :hasPartner ?s } WHERE { ?s :hasPartner ?o } ;
INSERT { ?o :hasChild ?s } WHERE { ?s :hasParent ?o } ;
INSERT { ?a :hasGrandparent ?c . ?c :hasGrandchild ?a } WHERE { ?a :hasParent ?b . ?b :hasParent ?c } ;
INSERT { ?a :hasSibling ?b } WHERE { ?a :hasParent ?p . ?p :hasChild ?b . FILTER (?a != ?b) } ;
INSERT { ?a :hasAuntOrUncle ?c . ?c :hasNephewOrNiece ?a } WHERE { ?a :hasParent ?b . ?b :hasSibling ?c } ;
INSERT { ?a :hasCousin ?c } WHERE { ?a :hasAuntOrUncle ?b . ?b :hasChild ?c } ;
INSERT { ?a :hasParentInLaw ?c } WHERE { ?a :hasPartner ?b . ?b :hasParent ?c } ;
INSERT { ?a :hasAncestor ?b } WHERE { ?a :hasParent+ ?b } ;
INSERT { ?s :isKinOf ?o } WHERE { ?s :hasParent|:hasChild|:hasGrandparent|:hasGrandchild|:hasSibling|:hasAuntOrUncle|:hasNephewOrNiece|:hasCousin ?o }
